import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Who else's software is installed, under which licence.
 * @param {Iterable<string>} inputs paths of the files that were bundled, from the project's root
 * @param {{ version: string, license: string } | undefined} runtime Node.js, where it is included
 * @returns {string}
 */
export function thirdPartyNotices(inputs, runtime) {
  const folders = new Set([...inputs].flatMap((path) => packageFolder(path) ?? []));
  const sections = [...folders].sort().map(packageNotice);
  if (runtime) {
    sections.push(notice(`Node.js ${runtime.version}`, 'MIT, and others', runtime.license));
  }
  return `The Limiquantix guest agent contains the following software.\n\n${sections.join('\n')}`;
}

function packageFolder(path) {
  return /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function packageNotice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!license) throw new Error(`${folder}/package.json names no licence`);
  const file = readdirSync(folder)
    .sort()
    .find((entry) => /^licen[cs]e/i.test(entry));
  return notice(
    `${name} ${version}`,
    license,
    file ? readFileSync(join(folder, file), 'utf8') : '',
  );
}

function notice(title, license, text) {
  return `${'='.repeat(79)}\n${title}\n${license}\n${'='.repeat(79)}\n\n${text.trim()}\n`;
}

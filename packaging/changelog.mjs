const WIDTH = 76;

/**
 * What CHANGELOG.md says about a version.
 * @param {string} markdown
 * @param {string} version
 * @returns {string[]} one line for each change
 */
export function changesOf(markdown, version) {
  const section = markdown.split(/^## /m).find((text) => /^\S+/.exec(text)?.[0] === version);
  if (!section) throw new Error(`CHANGELOG.md has no section for ${version}`);
  const changes = section.split(/^- /m).slice(1);
  return changes.map((change) => change.trim().replaceAll(/\s+/g, ' '));
}

/**
 * The same in Debian's form.
 * @param {{ name: string, version: string, maintainer: string, time: number,
 *   changes: readonly string[] }} release
 * @returns {string}
 */
export function debianChangelog({ name, version, maintainer, time, changes }) {
  const date = new Date(time * 1000).toUTCString().replace('GMT', '+0000');
  const items = changes.map((change) => `  * ${wrapped(change).join('\n    ')}`);
  return [
    `${name} (${version}) stable; urgency=medium`,
    items.join('\n'),
    ` -- ${maintainer}  ${date}\n`,
  ].join('\n\n');
}

function wrapped(text) {
  return text.match(new RegExp(`\\S(?:.{0,${WIDTH - 2}}\\S)?(?=\\s|$)`, 'g')) ?? [];
}

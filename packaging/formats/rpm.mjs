import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { scriptBody } from '../script.mjs';

const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' };

/**
 * Writes `<name>-<version>-1.<machine>.rpm` with rpmbuild.
 * @param {import('../build.mjs').PackageRequest} request
 * @returns {string} the file
 */
export function buildRpm(request) {
  const { name, version, arch, time, files, out } = request;
  const work = mkdtempSync(join(tmpdir(), 'limiquantix-rpm-'));
  try {
    stage(join(work, 'stage'), files, time);
    const spec = join(work, `${name}.spec`);
    writeFileSync(spec, specFile(request, join(work, 'stage')));
    const machine = MACHINES[arch];
    const args = ['-bb', '--quiet', '--target', `${machine}-linux`, '--define', `_topdir ${work}`];
    const { status, error, stderr } = spawnSync('rpmbuild', [...args, spec], {
      encoding: 'utf8',
      // No macros of whoever builds.
      env: { PATH: process.env.PATH, HOME: work, LC_ALL: 'C', SOURCE_DATE_EPOCH: `${time}` },
    });
    if (error) throw new Error(`rpmbuild does not run: ${error.message}`);
    if (status !== 0) throw new Error(`rpmbuild failed:\n${stderr}`);
    const built = `${name}-${version}-1.${machine}.rpm`;
    copyFileSync(join(work, 'RPMS', machine, built), join(out, built));
    return join(out, built);
  } finally {
    rmSync(work, { recursive: true });
  }
}

function stage(dir, files, time) {
  for (const { path, mode, content } of files) {
    const place = join(dir, path);
    mkdirSync(content ? dirname(place) : place, { recursive: true });
    if (content) writeFileSync(place, content, { mode });
  }
  for (const { path } of files) utimesSync(join(dir, path), time, time);
}

function specFile({ name, version, maintainer, time, changes, files }, stage) {
  const description = readFileSync(new URL('../description', import.meta.url), 'utf8');
  return `
# Nothing of the machine that builds, and nothing done to the files: they are finished.
%global _buildhost reproducible
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global source_date_epoch_from_changelog 0
%global _build_id_links none
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _binary_payload w9.zstdio

Name: ${name}
Version: ${version}
Release: 1
Summary: Guest agent of the Limiquantix hypervisor
License: Apache-2.0 AND MIT
Group: System Environment/Daemons
Vendor: ${maintainer}
Packager: ${maintainer}
AutoReq: yes
AutoProv: no

%description
${description}
%install
cp -a ${stage}/. %{buildroot}/

%files
${files.map(fileLine).join('\n')}

%post
${scriptBody('rpm/post')}
%preun
${scriptBody('rpm/preun')}
%postun
${scriptBody('rpm/postun')}
%changelog
* ${changelogDate(time)} ${maintainer} - ${version}-1
${changes.map((change) => `- ${change.replaceAll('%', '%%')}`).join('\n')}
`;
}

/** `Sun Nov 22 2026` */
function changelogDate(time) {
  const [day, date, month, year] = new Date(time * 1000).toUTCString().split(/,? /);
  return `${day} ${month} ${date} ${year}`;
}

function fileLine({ path, mode, content, config }) {
  const kind = config ? '%config(noreplace) ' : content ? '' : '%dir ';
  return `${kind}%attr(${mode.toString(8).padStart(4, '0')}, root, root) ${path}`;
}

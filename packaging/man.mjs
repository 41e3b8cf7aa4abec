/**
 * The manual page, limiquantix-agent(8), of what the command says about itself.
 * @param {string} help the output of `limiquantix-agent --help`
 * @param {{ version: string, date: string }} release
 * @returns {string} in the man(7) language
 */
export function manualPage(help, { version, date }) {
  const [usage = '', ...blocks] = help.trimEnd().split('\n\n');
  const synopsis = usage.replace(/^Usage: /, '');
  const [name] = synopsis.split(' ');
  const [description = ''] = blocks;
  return [
    `.TH ${name.toUpperCase()} 8 ${date} "${name} ${version}" "System administration"`,
    '.SH NAME',
    `${escaped(name)} \\- the guest agent of the Limiquantix hypervisor`,
    '.SH SYNOPSIS',
    `.B ${escaped(name)}`,
    escaped(synopsis.slice(name.length + 1)),
    '.SH DESCRIPTION',
    escaped(description),
    ...blocks.slice(1).flatMap(section),
    FILES,
    '',
  ].join('\n');
}

/** A title with a colon, then lines of a term and its explanation, or plain ones. */
function section(block) {
  const [title = '', ...lines] = block.split('\n');
  return [
    `.SH ${title.replace(/:$/, '').toUpperCase()}`,
    ...lines.flatMap((line) => {
      const [, term, text] = /^ {2}(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
      return term ? ['.TP', `.B ${escaped(term)}`, escaped(text)] : [escaped(line.trim())];
    }),
  ];
}

function escaped(text) {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}

const FILES = String.raw`.SH FILES
.TP
.I /etc/limiquantix/agent.yaml
The configuration; the shipped one has every key with its default.
.TP
.IR /etc/limiquantix/pre\-freeze.d ", " /etc/limiquantix/post\-thaw.d
Scripts to run before filesystems are frozen, and after.
.TP
.I /var/log/limiquantix
Where log files are, if the configuration asks for any.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)`;

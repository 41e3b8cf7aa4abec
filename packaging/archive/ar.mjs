/**
 * An archive as a .deb file is one.
 * @param {readonly { name: string, content: Buffer }[]} members
 * @param {number} time in seconds
 * @returns {Buffer}
 */
export function writeAr(members, time) {
  const parts = members.flatMap(({ name, content }) => {
    const fields = [name.padEnd(16), `${time}`.padEnd(12), '0     0     ', '100644  '];
    const header = `${fields.join('')}${`${content.length}`.padEnd(10)}\`\n`;
    return [Buffer.from(header), content, Buffer.from(content.length % 2 ? '\n' : '')];
  });
  return Buffer.concat([Buffer.from('!<arch>\n'), ...parts]);
}

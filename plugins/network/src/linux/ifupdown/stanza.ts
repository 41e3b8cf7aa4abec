import { cidrOf, type NetworkChange } from '../../request.ts';

const HEADER = '# Written by the Limiquantix guest agent at the request of the host.\n';

/**
 * A file of interfaces(5) for a change.
 * @param nameServers whether to name the DNS servers, for resolvconf and systemd-resolved
 */
export function renderStanza(change: NetworkChange, nameServers: boolean): string {
  const { interface: name, address, dnsServers } = change;
  if (!address) return `${HEADER}auto ${name}\niface ${name} inet dhcp\n`;
  const options = [`address ${cidrOf(address)}`];
  if (address.gateway) options.push(`gateway ${address.gateway.text}`);
  if (nameServers && dnsServers.length > 0) {
    options.push(`dns-nameservers ${dnsServers.map((ip) => ip.text).join(' ')}`);
  }
  const family = address.ip.family === 4 ? 'inet' : 'inet6';
  const lines = options.map((option) => `    ${option}\n`).join('');
  return `${HEADER}auto ${name}\niface ${name} ${family} static\n${lines}`;
}

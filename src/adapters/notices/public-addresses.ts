import { BlockList, isIP } from 'node:net';

/**
 * Addresses that belong to nobody on the internet, or lead back into networks: a notice must not become a request to a neighbour of
 * the app, or to the platform's own service.
 * https://www.iana.org/assignments/iana-ipv4-special-registry and its sibling for IPv6
 */
const ipv4Blocks = [
	'0.0.0.0/8',
	'10.0.0.0/8',
	'100.64.0.0/10',
	'127.0.0.0/8',
	'169.254.0.0/16',
	'172.16.0.0/12',
	'192.0.0.0/24',
	'192.0.2.0/24',
	'192.88.99.0/24',
	'192.168.0.0/16',
	'198.18.0.0/15',
	'198.51.100.0/24',
	'203.0.113.0/24',
	'224.0.0.0/3',
	// Azure's own, which every virtual machine reaches.
	'168.63.129.16/32',
] as const;

/** Of what is routed at all (2000::/3), those that are not, or that carry an address of IPv4 in them. */
const ipv6Blocks = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;

const blocked = new BlockList();
for (const block of ipv4Blocks) blocked.addSubnet(...partsOf(block), 'ipv4');
for (const block of ipv6Blocks) blocked.addSubnet(...partsOf(block), 'ipv6');
const routed = new BlockList();
routed.addSubnet('2000::', 3, 'ipv6');

function partsOf(block: string): [address: string, prefix: number] {
	const [address = '', prefix] = block.split('/');
	return [address, Number(prefix)];
}

/** False for what is no address. */
export function isPublicAddress(address: string): boolean {
	const version = isIP(address);
	if (version === 4) return !blocked.check(address, 'ipv4');
	return version === 6 && routed.check(address, 'ipv6') && !blocked.check(address, 'ipv6');
}

/**
 * A UUID of version 7 (RFC 9562 §5.7): its order is the order of creation, so a list by key needs no other order.
 * `random` holds at least 18 hexadecimal digits.
 */
export function newProfileId(now: Date, random: string): string {
	const time = now.getTime().toString(16).padStart(12, '0');
	return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}

/** Keeps the smallest of many items in a heap whose root is the largest of those kept. */
export class SmallestItems<T> {
	readonly #limit: number;
	readonly #compare: (left: T, right: T) => number;
	readonly #heap: T[] = [];

	constructor(limit: number, compare: (left: T, right: T) => number) {
		this.#limit = limit;
		this.#compare = compare;
	}

	add(item: T): void {
		const heap = this.#heap;
		if (heap.length < this.#limit) {
			heap.push(item);
			this.#rise(heap.length - 1);
		} else if (this.#compare(item, heap[0] as T) < 0) {
			heap[0] = item;
			this.#sink();
		}
	}

	sorted(): T[] {
		return [...this.#heap].sort(this.#compare);
	}

	#rise(from: number): void {
		const heap = this.#heap;
		for (let at = from; at > 0; ) {
			const parent = (at - 1) >> 1;
			if (this.#compare(heap[at] as T, heap[parent] as T) <= 0) return;
			this.#swap(at, parent);
			at = parent;
		}
	}

	#sink(): void {
		const heap = this.#heap;
		for (let at = 0; ; ) {
			const [left, right] = [2 * at + 1, 2 * at + 2];
			let largest = at;
			if (left < heap.length && this.#compare(heap[left] as T, heap[largest] as T) > 0) largest = left;
			if (right < heap.length && this.#compare(heap[right] as T, heap[largest] as T) > 0) largest = right;
			if (largest === at) return;
			this.#swap(at, largest);
			at = largest;
		}
	}

	#swap(left: number, right: number): void {
		const heap = this.#heap;
		[heap[left], heap[right]] = [heap[right] as T, heap[left] as T];
	}
}

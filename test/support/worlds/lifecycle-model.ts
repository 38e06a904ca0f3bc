import type { ProfileState } from '../../../src/domain/profile.ts';

/** What a client, the clock or the engine may do next. */
export const steps = [
	'update',
	'delete',
	'pause',
	'resume',
	'reset',
	'start',
	'getUploadUrl',
	'upload good files',
	'upload faulty files',
	'upload some files',
	'engine',
	'engine',
	'engine',
	'expire',
	'extend',
] as const;
export type Step = (typeof steps)[number];

/** `refused`: the files do not pass. `gone`: 404. */
export type Answer = 'done' | 'refused' | 'BadRequest' | 'Conflict' | 'gone';

type Files = 'none' | 'some' | 'faulty' | 'good';

/**
 * The life of a profile as the contract tells it, without any of the service's code: one client, and an engine that goes on
 * when it is told to.
 */
export class LifecycleModel {
	state: ProfileState | 'gone' = 'provisioning';
	status = 'paused';
	run: 'none' | 'running' | 'suspended' = 'none';
	isPaused = false;
	#runSteps = 0;
	#isAccepted = false;
	#hasContainer = false;
	#hasDate = true;
	#isLate = false;
	#files: { is: Files; version: number } = { is: 'none', version: 0 };
	#takenVersion = -1;

	get #isExpired(): boolean {
		return this.#hasDate && this.#isLate;
	}

	/** What a client sees. */
	get shownStatus(): string {
		if (this.isPaused) return 'paused';
		if (this.#isExpired && this.status !== 'inProgress') return 'paused';
		return this.status;
	}

	take(step: Step): Answer {
		if (step === 'engine') return this.#engine();
		if (this.state === 'gone') return step.startsWith('upload') || step === 'expire' ? 'done' : 'gone';
		if (step === 'expire') this.#isLate = true;
		if (step.startsWith('upload') && this.#hasContainer) this.#upload(step);
		if (step.startsWith('upload') || step === 'expire') return 'done';
		if (step === 'delete') return this.#delete();
		if (step === 'update' || step === 'extend') return this.#update(step);
		if (this.state !== 'provisioned')
			return step === 'start' && this.state === 'provisioning' ? 'BadRequest' : 'Conflict';
		if (this.#isExpired && (step === 'start' || step === 'resume' || step === 'reset')) return 'Conflict';
		const isBusy = this.shownStatus === 'inProgress';
		if (isBusy && (step === 'start' || step === 'getUploadUrl')) return 'Conflict';
		if (step === 'start') return this.#start(this.#files.is === 'good');
		if (step === 'pause') this.#pause();
		if (step === 'reset') this.#reset();
		return step === 'resume' ? this.#resume() : 'done';
	}

	#upload(step: Step): void {
		const is: Files = step.includes('good') ? 'good' : step.includes('faulty') ? 'faulty' : 'some';
		// Some of the files, over a whole set that is there, change one of them only.
		const kept = is === 'some' && this.#files.is !== 'none' ? this.#files.is : is;
		this.#files = { is: kept, version: this.#files.version + 1 };
	}

	#delete(): Answer {
		this.state = 'deleting';
		return 'done';
	}

	#update(step: 'update' | 'extend'): Answer {
		if (this.state !== 'provisioned') return 'Conflict';
		if (step === 'extend') this.#hasDate = false;
		this.state = 'provisioning';
		return 'done';
	}

	#start(passes: boolean): Answer {
		this.isPaused = false;
		if (!passes) {
			this.status = 'validationError';
			return 'refused';
		}
		this.#takenVersion = this.#files.version;
		this.#launch();
		return 'done';
	}

	#launch(): void {
		this.run = 'running';
		this.#runSteps = 0;
		this.status = 'inProgress';
		this.isPaused = false;
		this.#isAccepted = true;
	}

	#pause(): void {
		this.isPaused = true;
		if (this.run === 'running') this.run = 'suspended';
	}

	#resume(): Answer {
		const waited = this.isPaused || this.status === 'paused';
		this.isPaused = false;
		if (this.run === 'running') return 'done';
		if (this.run === 'suspended') {
			this.run = 'running';
			this.status = 'inProgress';
			return 'done';
		}
		if (this.status === 'validationError') {
			const isReadable = this.#files.is === 'good' || this.#files.is === 'faulty';
			return this.#start(isReadable);
		}
		if (!waited) return 'done';
		if (this.#files.is === 'good' || this.#files.is === 'faulty') this.#start(this.#files.is === 'good');
		else if (this.#isAccepted) this.#rerun();
		return 'done';
	}

	#reset(): void {
		this.run = 'none';
		this.status = 'paused';
		this.isPaused = false;
		if (this.#isAccepted) this.#rerun();
	}

	#rerun(): void {
		this.#takenVersion = -1;
		this.#launch();
	}

	#engine(): Answer {
		if (this.state === 'provisioning') {
			this.state = 'provisioned';
			this.#hasContainer = true;
		} else if (this.state === 'deleting') {
			this.state = 'gone';
			this.run = 'none';
		} else if (this.run === 'running') this.#runStep();
		return 'done';
	}

	#runStep(): void {
		const step = this.#runSteps++;
		if (step === 0 && this.#takenVersion === this.#files.version) this.#files.is = 'none';
		if (step < 2) return;
		this.run = 'none';
		this.status = 'success';
	}
}

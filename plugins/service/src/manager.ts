/** What a service does now; empty where its manager uses a word that nobody documents. */
export type ServiceState = 'running' | 'stopped' | 'starting' | 'stopping' | 'failed' | '';

/** When a service starts: with the guest, when something asks for it, or never by itself. */
export type StartType = 'auto' | 'manual' | 'disabled' | '';

export interface Service {
  /** As its manager spells it. */
  readonly name: string;
  readonly displayName: string;
  readonly state: ServiceState;
  readonly startType: StartType;
  readonly description: string;
  /** Of its main process; 0 where there is none. */
  readonly pid: number;
  /** 0 where nobody counts them. */
  readonly memoryBytes: number;
}

/** One service, as far as controlling it needs to know. */
export interface Condition {
  readonly state: ServiceState;
  /** Its process ended by itself, also where it is about to be started again. */
  readonly failing: boolean;
  /** Whether to stop it would stop the agent. */
  readonly isAgents: boolean;
}

/** How an action ended: undefined, or what the manager had to say. */
export type Failure = string | undefined;

export interface Patience {
  /** Monotonic, as of `performance.now()`. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

/** What starts and stops the guest's services. Names are those that `fullName` gives. */
export interface ServiceManager {
  /** @throws AgentError SERVICE_NOT_FOUND where no service can have this name */
  fullName(name: string): string;
  /** Whether it stands for many services, and so can neither run nor stop. */
  isTemplate(name: string): boolean;
  /** All that are loaded, and with `installed` the others that are installed. */
  list(options: { installed: boolean; signal: AbortSignal }): Promise<readonly Service[]>;
  /** Undefined where there is no such service. */
  condition(name: string, signal: AbortSignal): Promise<Condition | undefined>;
  run(action: 'start' | 'stop' | 'restart', name: string, patience: Patience): Promise<Failure>;
  enable(name: string, patience: Patience): Promise<Failure>;
  disable(name: string, patience: Patience): Promise<Failure>;
  /** Its last lines, for an operator to read; empty where nothing is known. */
  explain(name: string, signal: AbortSignal): Promise<string>;
}

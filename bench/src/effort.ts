/** How much a bench does. Durations are in milliseconds. */
export interface Effort {
  /** Who takes part beside the loads: everybody, or ours and the two peers that targets name. */
  readonly entrants: "everybody" | "few"
  /** How often contestants take turns. */
  readonly rounds: number
  /** The same where differences are small. */
  readonly fineRounds: number
  /** How long one turn of a load lasts. */
  readonly turnMs: number
  /** How long a contestant runs before it is measured; 0: not at all. */
  readonly warmUpMs: number
  /** How long a process stands frozen. */
  readonly frozenMs: number
  /** When the wait for a reply that does not come is given up. */
  readonly giveUpMs: number
  /** What is sent in one tick, MB. */
  readonly floodMb: number
  /** GETs of the seed articles' experiment; and how many of them with a client each, the rest being reckoned. */
  readonly seedCalls: number
  readonly seedClients: number
  /** Sandboxes of the fleet. */
  readonly sandboxes: number
  /** Bursts of one request to a Worker, and its connects one after another. */
  readonly workerBursts: number
  readonly workerConnects: number
}

/** What the published report rests on. */
export const FULL: Effort = {
  entrants: "everybody",
  rounds: 7,
  fineRounds: 15,
  turnMs: 100,
  warmUpMs: 120,
  frozenMs: 600,
  giveUpMs: 4_000,
  floodMb: 300,
  seedCalls: 10_000,
  seedClients: 200,
  sandboxes: 12,
  workerBursts: 40,
  workerConnects: 40,
}

/** Enough to see that every bench runs. */
export const SMOKE: Effort = {
  entrants: "few",
  rounds: 1,
  fineRounds: 1,
  turnMs: 2,
  warmUpMs: 0,
  frozenMs: 5,
  giveUpMs: 500,
  floodMb: 3,
  seedCalls: 20,
  seedClients: 2,
  sandboxes: 1,
  workerBursts: 1,
  workerConnects: 1,
}

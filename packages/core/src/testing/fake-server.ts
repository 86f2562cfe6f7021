import { COMMANDS } from "./fake-commands.ts"
import { array, failure, NIL_ARRAY, OK, simple, toText, type WireReply } from "./fake-reply.ts"

/** What a key holds. Hash fields are keys of a `Map`, as binary strings. */
export type Value = Uint8Array | Map<string, Uint8Array> | Uint8Array[]

/** What the server remembers of one connection. */
export interface Session {
  db: number
  readonly watched: Map<string, number>
  /** Commands queued since `MULTI`; undefined outside a transaction. */
  queue: (readonly Uint8Array[])[] | undefined
  /** A queued command was refused: `EXEC` will abort. */
  aborted: boolean
}

/** Why a command does not run inside `MULTI`. Redis 7 refuses it when it is queued. */
const NOT_QUEUED = new Set(["WATCH", "MULTI"])
const CONTROL = new Set(["MULTI", "EXEC", "DISCARD"])

/** A small Redis in memory: strings, hashes, lists, sixteen databases, transactions, blocking pops. */
export class FakeServer {
  readonly #databases = new Map<number, Map<string, Value>>()
  readonly #versions = new Map<string, number>()
  readonly #listeners = new Set<() => void>()

  session(): Session {
    return { db: 0, watched: new Map(), queue: undefined, aborted: false }
  }

  /** Runs one command; undefined while it blocks, to be tried again after a write. */
  execute(session: Session, args: readonly Uint8Array[]): WireReply | undefined {
    const name = toText(args[0] ?? new Uint8Array()).toUpperCase()
    const refusal = refuse(name, args, session)
    if (refusal) {
      session.aborted = session.queue !== undefined
      return failure(refusal)
    }
    if (CONTROL.has(name)) return this.#control(name, session)
    if (session.queue) {
      session.queue.push(args)
      return simple("QUEUED")
    }
    return COMMANDS[name]?.run({ server: this, session, args: args.slice(1) })
  }

  database(index: number): Map<string, Value> {
    const known = this.#databases.get(index)
    if (known) return known
    const created = new Map<string, Value>()
    this.#databases.set(index, created)
    return created
  }

  /** Tells watchers and blocked connections that a key has changed. */
  touch(db: number, key: string): void {
    this.#versions.set(`${db}:${key}`, this.version(db, key) + 1)
    for (const listener of [...this.#listeners]) listener()
  }

  version(db: number, key: string): number {
    return this.#versions.get(`${db}:${key}`) ?? 0
  }

  /** Runs `listener` after every write until it is taken off again. */
  onWrite(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #control(name: string, session: Session): WireReply {
    if (name === "MULTI") {
      session.queue = []
      return OK
    }
    const queue = session.queue
    if (!queue) return failure(`ERR ${name} without MULTI`)
    const { aborted } = session
    const dirty = this.#violated(session)
    session.queue = undefined
    session.aborted = false
    session.watched.clear()
    if (name === "DISCARD") return OK
    if (aborted) return failure("EXECABORT Transaction discarded because of previous errors.")
    if (dirty) return NIL_ARRAY
    // A blocking command inside a transaction answers as if its wait were over.
    return array(queue.map((args) => this.execute(session, args) ?? NIL_ARRAY))
  }

  #violated({ watched }: Session): boolean {
    return [...watched].some(([key, version]) => (this.#versions.get(key) ?? 0) !== version)
  }
}

/** Source: `processCommand` and `rejectCommandFormat` in redis' server.c. */
function refuse(name: string, args: readonly Uint8Array[], { queue }: Session): string | undefined {
  const shown = toText(args[0] ?? new Uint8Array())
  const arity = CONTROL.has(name) ? 1 : COMMANDS[name]?.arity
  if (arity === undefined) {
    const echoed = args.slice(1).map((arg) => `'${toText(arg).slice(0, 128)}' `)
    return `ERR unknown command '${shown.slice(0, 128)}', with args beginning with: ${echoed.join("")}`
  }
  if (arity > 0 ? args.length !== arity : args.length < -arity) {
    return `ERR wrong number of arguments for '${shown.toLowerCase()}' command`
  }
  if (queue && NOT_QUEUED.has(name)) return "ERR Command not allowed inside a transaction"
  return undefined
}

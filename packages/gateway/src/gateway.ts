import type { Arg } from "@warmpool/core"
import { UpstashScripts } from "@warmpool/core/lane"
import { errorAnswer, jsonAnswer, notRunAnswer } from "./answers.ts"
import { Clients } from "./clients.ts"
import type { Codec } from "./codec.ts"
import { CommandsError, fromBase64, readCommand, readCommands, TooManyError } from "./commands-in-json.ts"
import { allowOrigin, preflight } from "./cors.ts"
import { type Answer, BodyLostError, BodyTooLargeError, type Exchange } from "./exchange.ts"
import { readFormat } from "./format.ts"
import { type Grant, readGrants, type Tokens } from "./grants.ts"
import { bearerOf, Keyring } from "./keyring.ts"
import { Metrics } from "./metrics.ts"
import { checkUsers, type Settings } from "./options.ts"
import { type Held, NoRoomError, Room } from "./room.ts"
import { type Errand, runOne, runPipeline, runTransaction } from "./run.ts"
import { Streams, type Wanted } from "./streams.ts"
import { type Command, readTarget, type Target, TargetError, textOf } from "./target.ts"

const METHODS = new Set(["GET", "POST", "PUT"])
const STREAMS = new Set(["subscribe", "psubscribe", "monitor"])

/** The protocol: from a request to its answer, whatever they come over. */
export class Gateway {
  readonly #settings: Settings
  readonly #codec: Codec
  readonly #keyring: Keyring
  readonly #clients: Clients
  readonly #metrics: Metrics
  readonly #streams: Streams
  readonly #scripts = new UpstashScripts()
  readonly #held: Held = { bytes: 0 }
  #active = 0
  #draining = false
  #onIdle: (() => void)[] = []
  #lastToken = 0

  constructor(settings: Settings, codec: Codec) {
    this.#settings = settings
    this.#codec = codec
    this.#keyring = new Keyring(settings.grants)
    this.#clients = new Clients(settings.redis, settings.openRedis)
    this.#streams = new Streams(settings)
    this.#metrics = new Metrics(() => ({
      active: this.#active,
      streams: this.#streams.open,
      pool: settings.redis.stats(),
    }))
  }

  /** Answers a request; never rejects. */
  async answer(exchange: Exchange): Promise<Answer> {
    const started = performance.now()
    let answer: Answer
    try {
      answer = await this.#answer(exchange)
    } catch (error) {
      answer = this.#failed(error)
    }
    this.#metrics.answered(answer.status, performance.now() - started)
    const { cors } = this.#settings
    return cors ? allowOrigin(cors, exchange, answer) : answer
  }

  /**
   * From now on other tokens count; requests under way go on.
   *
   * @throws ConfigError for tokens that are wrong; the old ones count on then.
   */
  async replaceTokens(tokens: Tokens): Promise<void> {
    const grants = readGrants(tokens)
    checkUsers("replaceTokens", grants, this.#settings.openRedis)
    this.#keyring.replace(grants)
    this.#streams.keep(grants)
    await this.#clients.keep(grants)
  }

  /** Says that it will go away: `/healthz` answers 503, event streams end; requests are still answered. */
  retire(): void {
    this.#draining = true
    this.#streams.end()
  }

  /** Resolves when the requests under way have their answers, and the clients that it opened are closed. */
  async drain(): Promise<void> {
    this.retire()
    if (this.#active > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve))
    await this.#clients.keep([])
  }

  // As few promises as can be from here on: they are a good part of what a command costs.
  #answer(exchange: Exchange): Answer | Promise<Answer> {
    const { cors, head } = this.#settings
    const { method } = exchange
    if (METHODS.has(method)) return this.#read(exchange)
    if (method === "OPTIONS" && cors) return preflight(cors, exchange)
    if (method === "HEAD" && head) return this.#headOf(exchange)
    return errorAnswer(405, "ERR method not allowed", {
      allow: head ? "GET, HEAD, POST, PUT" : "GET, POST, PUT",
    })
  }

  async #headOf(exchange: Exchange): Promise<Answer> {
    return { ...(await this.#read(exchange)), body: "" }
  }

  #read(exchange: Exchange): Answer | Promise<Answer> {
    const target = readTarget(exchange.target)
    const page = target.path.length === 1 ? this.#page(exchange, target) : undefined
    if (page) return page
    const grant = this.#grantOf(exchange, target)
    if (grant === undefined) {
      this.#metrics.unauthorized += 1
      return errorAnswer(401, "WRONGPASS invalid or missing auth token")
    }
    if (this.#active >= this.#settings.maxConcurrent) {
      this.#metrics.overloaded += 1
      return notRunAnswer("ERR the gateway has as many requests as it takes, and nothing was run: try again")
    }
    return this.#admitted(exchange, target, grant)
  }

  async #admitted(exchange: Exchange, target: Target, grant: Grant): Promise<Answer> {
    const room = new Room(this.#settings, this.#held)
    this.#active += 1
    try {
      const dispatched = this.#dispatch(exchange, target, { grant, room })
      return dispatched instanceof Promise ? await dispatched : dispatched
    } finally {
      room.leave()
      this.#active -= 1
      if (this.#active === 0) for (const idle of this.#onIdle.splice(0)) idle()
    }
  }

  #dispatch(exchange: Exchange, target: Target, { grant, room }: Admission): Answer | Promise<Answer> {
    const wanted = readFormat(exchange.header("upstash-response-format"), exchange.header("upstash-encoding"))
    if ("wrong" in wanted) return errorAnswer(400, wanted.wrong)
    const way = this.#clients.of(grant)
    const name = textOf(target.path[0] ?? "").toLowerCase()
    if (STREAMS.has(name)) return this.#stream(exchange, { grant, way, name }, target.path.slice(1))
    const headers = { "upstash-sync-token": this.#syncToken() }
    const errand: Errand = { grant, way, headers, format: wanted.format, codec: this.#codec, exchange }
    if (exchange.method === "GET" || exchange.method === "HEAD")
      return this.#run(errand, target, { name, body: NOTHING })
    return exchange.body(room).then((body) => this.#run(errand, target, { name, body }))
  }

  #stream(exchange: Exchange, wanted: Omit<Wanted, "gone">, names: readonly Arg[]): Answer | Promise<Answer> {
    if (exchange.method === "HEAD")
      return errorAnswer(405, "ERR method not allowed: a stream is its body", { allow: "GET, POST, PUT" })
    return this.#streams.start({ ...wanted, gone: exchange.gone() }, names)
  }

  #run(errand: Errand, { path, query }: Target, { name, body }: Posted): Promise<Answer> | Answer {
    const { exchange } = errand
    const { method } = exchange
    const isPosted = method === "POST" || method === "PUT"
    const isBatch = path.length === 1 && (name === "pipeline" || name === "multi-exec")
    if (!isBatch && path.length > 0) {
      const last = isPosted && body.length > 0 ? [body] : []
      return this.#one(errand, last.length + query.length === 0 ? path : [...path, ...last, ...query])
    }
    if (!isPosted)
      return errorAnswer(405, "ERR method not allowed: POST the commands", { allow: "POST, PUT" })
    const inBase64 = exchange.header("warmpool-arguments") === "base64"
    if (!isBatch) {
      const command = readCommand(body, this.#settings)
      return this.#one(errand, inBase64 ? fromBase64(command) : command)
    }
    const given = readCommands(body, this.#settings)
    const commands = (inBase64 ? given.map(fromBase64) : given).map((one) => this.#scripts.translate(one))
    this.#metrics.commands += commands.length
    return name === "pipeline" ? runPipeline(errand, commands) : runTransaction(errand, commands)
  }

  #one(errand: Errand, command: Command): Promise<Answer> {
    this.#metrics.commands += 1
    return runOne(errand, this.#scripts.translate(command))
  }

  /** Pages of the gateway itself, which need no Redis. */
  #page(exchange: Exchange, target: Target): Answer | undefined {
    const { health, metrics } = this.#settings
    const [page] = target.path
    if (page === "healthz" && health)
      return jsonAnswer(this.#draining ? 503 : 200, `{"status":"${this.#draining ? "draining" : "ok"}"}`)
    if (page !== "metrics" || metrics === "off") return undefined
    if (metrics === "token" && this.#grantOf(exchange, target)?.readOnly !== false) return undefined
    return this.#metrics.page()
  }

  #grantOf(exchange: Exchange, { token }: Target): Grant | undefined {
    const presented = bearerOf(exchange.header("authorization")) ?? token
    return presented === undefined ? undefined : this.#keyring.find(presented)
  }

  /** Grows with time and with every answer, also across restarts: what is later sees what was earlier. */
  #syncToken(): string {
    this.#lastToken = Math.max(this.#lastToken + 1, Date.now() * 1_000)
    return String(this.#lastToken)
  }

  #failed(error: unknown): Answer {
    if (error instanceof TargetError || error instanceof CommandsError) return errorAnswer(400, error.message)
    if (error instanceof TooManyError) return errorAnswer(413, error.message)
    if (error instanceof BodyTooLargeError) {
      const { maxBodyBytes } = this.#settings
      const message = `ERR max request size exceeded. Limit: ${maxBodyBytes} bytes, Actual: ${error.size} bytes`
      return errorAnswer(413, message, { connection: "close" })
    }
    if (error instanceof NoRoomError) {
      this.#metrics.overloaded += 1
      return notRunAnswer(
        "ERR the gateway holds as much of requests as it takes, and nothing was run: try again",
      )
    }
    if (error instanceof BodyLostError) return errorAnswer(408, "ERR the request did not arrive whole")
    // Later: whoever is told may throw, and the caller is answered all the same.
    queueMicrotask(() => this.#settings.onError?.(error))
    const reason = error instanceof Error ? error.name : typeof error
    return errorAnswer(500, `ERR the gateway failed: ${reason}. The request may have run`)
  }
}

/** A request that is taken: what its token may do, and where its body goes. */
interface Admission {
  readonly grant: Grant
  readonly room: Room
}

interface Posted {
  readonly name: string
  readonly body: Uint8Array
}

const NOTHING = new Uint8Array(0)

import { startRedis } from "@warmpool/local"
import { Asker, type Question } from "../asker/asker.ts"
import { type Bench, inTurn } from "../bench.ts"
import { CONTROL, OURS } from "../contestants.ts"
import { fill, KEYS_OF, VALUES } from "../data.ts"
import { type GatewayProcess, startGateway } from "../gateway/gateway-process.ts"
import { startWebdis } from "../gateway/webdis-process.ts"
import { quantile, Recorder } from "../measurement.ts"

/** The REST server that Debian ships. */
export const WEBDIS = "webdis"
const CONNECTIONS = 50
const PIPELINE = 100
export const ONE_COMMAND = "a gateway, one GET a request, 50 connections"
export const PIPELINES = "a gateway, pipelines of 100 GETs, 50 connections"
export const ONE_P99 = `${ONE_COMMAND}, p99`
const TURNS_LONGER = 3

const [KEY = ""] = KEYS_OF["10 B"]

/** What is asked of ours; as text, so that both answer with JSON. */
function ourQuestions({ token }: GatewayProcess): readonly [one: Question, many: Question] {
  const head = `Host: bench\r\nAuthorization: Bearer ${token}\r\n`
  const body = JSON.stringify(Array.from({ length: PIPELINE }, () => ["GET", KEY]))
  return [
    { bytes: `GET /get/${encodeURIComponent(KEY)} HTTP/1.1\r\n${head}\r\n`, commands: 1 },
    {
      bytes: `POST /pipeline HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      commands: PIPELINE,
    },
  ]
}

/** webdis has no pipelines of its own: requests go one behind the other over one connection. */
function webdisQuestions(): readonly [one: Question, many: Question] {
  const one = `GET /GET/${encodeURIComponent(KEY)} HTTP/1.1\r\nHost: bench\r\n\r\n`
  return [
    { bytes: one, commands: 1 },
    { bytes: one.repeat(PIPELINE), commands: PIPELINE },
  ]
}

export const gateway: Bench = {
  title: "The gateway",
  about:
    `Each gateway in a process of its own in front of one redis-server; ${CONNECTIONS} keep-alive connections ask it by bytes, one request after another on each. ` +
    "webdis has no pipelines: there 100 requests go one behind the other. webdis runs with five threads and checks no token. Left out: serverless-redis-http (not in the registry).",
  async run({ rounds, turnMs, warmUpMs }) {
    const recorder = new Recorder()
    await using server = await startRedis()
    await fill(server)
    await using first = await startGateway(server.url)
    await using second = await startGateway(server.url)
    await using webdis = await startWebdis(server.url)
    if (webdis === undefined) recorder.note("webdis is not installed (Debian: apt-get install webdis).")
    const contestants = [
      { name: OURS, port: first.port, questions: ourQuestions(first) },
      { name: CONTROL, port: second.port, questions: ourQuestions(second) },
      ...(webdis ? [{ name: WEBDIS, port: webdis.port, questions: webdisQuestions() }] : []),
    ]
    for (const index of [0, 1] as const) {
      const askers = await Promise.all(
        contestants.map(async ({ name, port, questions }) => {
          const question = questions[index]
          const asker = await Asker.open(port, CONNECTIONS, { question, expected: VALUES["10 B"] })
          return { name, asker, question }
        }),
      )
      if (warmUpMs > 0) for (const { asker } of askers) await asker.ask(warmUpMs)
      await inTurn(rounds, askers, async ({ name, asker, question }) => {
        const { answers, ms, waits } = await asker.ask(turnMs * TURNS_LONGER)
        const rate = (answers * question.commands * 1_000) / ms
        if (index === 1) recorder.add({ what: PIPELINES, unit: "commands/s", contestant: name }, rate)
        else {
          recorder.add({ what: ONE_COMMAND, unit: "requests/s", contestant: name }, rate)
          recorder.add({ what: ONE_P99, unit: "ms", contestant: name }, quantile(waits, 0.99))
        }
      })
      for (const { asker } of askers) asker.close()
    }
    return recorder.findings
  },
}

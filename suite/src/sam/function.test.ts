import { join } from "node:path"
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda"
import { type LocalLambda, type RedisCluster, startCluster, startLambda } from "@warmpool/local"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { makeAuthority } from "../../../packages/socket/src/certificates.fixture.ts"
import { type Built, build } from "./build.ts"
import { deployed, valuesOf } from "./deployed.ts"
import { type SecretsManager, startSecretsManager } from "./secrets-manager.ts"
import { type Json, type Resource, readTemplate, type Template } from "./template.ts"
import { startTlsRedis, type TlsRedis } from "./tls-redis.ts"

const CACHE_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:cache"
const CLUSTER_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:cluster"
const TOKEN_ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:gateway"
/** A build, a server and a sandbox or two, on a machine that has much to do. */
const SLOW_MS = 120_000
vi.setConfig({ testTimeout: SLOW_MS })

const PASSWORD = "planted-password"
const TOKEN = "planted-token"

const secrets: Record<string, object> = {
  [CACHE_ARN]: { username: "default", password: PASSWORD },
  [CLUSTER_ARN]: { username: "limited", password: PASSWORD },
  [TOKEN_ARN]: { token: TOKEN },
}

let template: Template
let gateway: Template
let redis: TlsRedis
let cluster: RedisCluster
let manager: SecretsManager
let access: string
const builds = new Map<string, Built>()
const opened: AsyncDisposable[] = []

beforeAll(() => {
  template = readTemplate("template.yaml").template
  gateway = readTemplate("gateway.yaml").template
  access = String(deployed(template, {})["CacheUser"]?.Properties["AccessString"])
}, SLOW_MS)
beforeAll(async () => {
  const authority = makeAuthority()
  const papers = { ca: authority.ca, ...authority.issue("localhost") }
  redis = await startTlsRedis(papers, { password: PASSWORD, access })
  opened.push(redis)
  manager = await startSecretsManager(secrets)
  opened.push(manager)
}, SLOW_MS)
beforeAll(async () => {
  cluster = await startCluster()
  opened.push(cluster)
  for (const node of cluster.nodes)
    await node.command("ACL", "SETUSER", "limited", `>${PASSWORD}`, ...access.split(" "))
}, SLOW_MS)
afterAll(async () => {
  for (const one of [...opened, ...builds.values()]) await one[Symbol.asyncDispose]()
}, SLOW_MS)

/** A function of a stack on a local Lambda: built, named and given variables as the template says. */
async function run(
  stack: Record<string, Resource>,
  id: string,
  values: Readonly<Record<string, string>> = {},
): Promise<Running> {
  const resource = stack[id]
  if (!resource) throw new Error(`the stack has no ${id}`)
  const built = builds.get(id) ?? (await build(resource))
  builds.set(id, built)
  const known: Readonly<Record<string, string>> = {
    REDIS_URL: redis.url,
    REDIS_SECRET_ARN: CACHE_ARN,
    GATEWAY_SECRET_ARN: TOKEN_ARN,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url,
    POOL_MAX: "2",
    WARM_FUNCTION_NAME: "local",
    WARM_SANDBOXES: "2",
    ...values,
  }
  const [variables] = valuesOf(resource, "Variables")
  const env = Object.fromEntries(Object.keys(Object(variables)).map((name) => [name, String(known[name])]))
  const log: string[] = []
  const lambda = await startLambda({
    handler: join(built.folder, String(resource.Properties["Handler"])),
    env: { ...env, NODE_EXTRA_CA_CERTS: redis.caFile, ...extra(values) },
    timeoutMs: Number(resource.Properties["Timeout"]) * 1_000,
    log: (line) => log.push(line),
  })
  return new Running(lambda, log)
}

/** What a test adds to a function's variables, beyond those of the template: where the local Lambda is. */
function extra(values: Readonly<Record<string, string>>): Record<string, string> {
  const { AWS_ENDPOINT_URL_LAMBDA: url } = values
  return url === undefined ? {} : { AWS_ENDPOINT_URL_LAMBDA: url }
}

class Running implements AsyncDisposable {
  readonly lambda: LocalLambda
  readonly log: readonly string[]
  readonly #client: LambdaClient

  constructor(lambda: LocalLambda, log: readonly string[]) {
    this.lambda = lambda
    this.log = log
    const { endpoint, region, credentials } = lambda
    this.#client = new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 })
  }

  async invoke(event: object = {}): Promise<Readonly<Record<string, Json>>> {
    const command = new InvokeCommand({ FunctionName: "local", Payload: JSON.stringify(event) })
    const { Payload } = await this.#client.send(command)
    return JSON.parse(Payload?.transformToString() ?? "null")
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy()
    await this.lambda.close()
  }
}

async function rotate(to: string, from: string): Promise<void> {
  secrets[CACHE_ARN] = { username: "default", password: to }
  await redis.server.command("ACL", "SETUSER", "default", `>${to}`, `<${from}`)
}

/** What a Function URL hands to its function. */
const posted = (path: string, token: string, body: Json) => ({
  version: "2.0",
  rawPath: path,
  rawQueryString: "",
  headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
  requestContext: { http: { method: "POST", path, sourceIp: "192.0.2.1" } },
  body: JSON.stringify(body),
  isBase64Encoded: false,
})

const inCluster = () => ({ REDIS_URL: cluster.url, REDIS_SECRET_ARN: CLUSTER_ARN })

describe("the function of template.yaml, built as it says", () => {
  it("counts in a cache that speaks TLS, as the user of the template, with the password of the secret", async () => {
    await redis.server.command("DEL", "visits")
    await using running = await run(deployed(template, {}), "Function")

    const answers = [await running.invoke(), await running.invoke()]

    expect(answers).toEqual([{ visits: 1 }, { visits: 2 }])
    expect(running.lambda.stats()).toMatchObject({ coldStarts: 1, errors: 0 })
    expect(running.log.join("\n")).not.toContain(PASSWORD)
  })

  it("signs in with a password that was rotated meanwhile, once its connection is gone", async () => {
    await redis.server.command("DEL", "visits")
    await using running = await run(deployed(template, {}), "Function")
    await running.invoke()

    await rotate("rotated", PASSWORD)
    await redis.server.command("CLIENT", "KILL", "USER", "default")
    const answer = await running.invoke()
    await rotate(PASSWORD, "rotated")

    expect(answer).toEqual({ visits: 2 })
  })

  it("in cluster mode counts in a cluster, with the rights of the template's user", async () => {
    await using running = await run(deployed(template, { Cache: "serverless" }), "Function", inCluster())

    expect(await running.invoke()).toEqual({ visits: 1 })
  })

  it("fails with words that say what is wrong when it may not read its secret", async () => {
    await using running = await run(deployed(template, {}), "Function", { REDIS_SECRET_ARN: "arn:another" })

    expect(await running.invoke()).toMatchObject({
      errorType: "TimeoutError",
      errorMessage: expect.stringMatching(/^INCR was not sent .*credentials\(\) gave no credentials$/),
    })
  })

  it("is kept warm by the warmer of the template", async () => {
    await redis.server.command("DEL", "visits")
    const stack = deployed(template, { WarmSandboxes: 2 })
    await using running = await run(stack, "Function")
    await using warmer = await run(stack, "Warmer", { AWS_ENDPOINT_URL_LAMBDA: running.lambda.endpoint })
    await running.lambda.prewarm(2)

    const round = await warmer.invoke()

    expect(round).toMatchObject({ asked: 2 })
    expect(running.lambda.stats()).toMatchObject({ errors: 0, invocations: 2 })
    expect(await redis.server.command("EXISTS", "visits")).toBe(0)
  })
})

describe("the gateway of gateway.yaml, built as it says", () => {
  it("answers whom its secret names, over the same cache, and nobody else", async () => {
    await redis.server.command("DEL", "through")
    await using running = await run(deployed(gateway, {}), "Gateway")

    const set = await running.invoke(posted("/", TOKEN, ["SET", "through", "the gateway"]))
    const got = await running.invoke(posted("/pipeline", TOKEN, [["GET", "through"]]))
    const refused = await running.invoke(posted("/", "another", ["GET", "through"]))

    expect([set["statusCode"], JSON.parse(String(set["body"]))]).toEqual([200, { result: "OK" }])
    expect(JSON.parse(String(got["body"]))).toEqual([{ result: "the gateway" }])
    expect(refused["statusCode"]).toBe(401)
    expect(running.log.join("\n")).not.toContain(TOKEN)
  })

  it("in cluster mode stands in front of a cluster", async () => {
    await using running = await run(deployed(gateway, { ClusterMode: "enabled" }), "Gateway", inCluster())

    const answer = await running.invoke(posted("/", TOKEN, ["INCR", "through"]))

    expect(JSON.parse(String(answer["body"]))).toEqual({ result: 1 })
  })
})

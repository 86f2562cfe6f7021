import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it, vi } from "vitest"
import { build } from "./build.ts"
import { deployed, valuesOf } from "./deployed.ts"
import { FOLDER, type Json, type JsonObject, type Resource, readTemplate, type Template } from "./template.ts"

/** CDK's start, its validation, and five builds, on a machine that has much to do. */
const SLOW_MS = 120_000
vi.setConfig({ testTimeout: SLOW_MS })

type Stack = Record<string, Resource>

const EXISTING = {
  ExistingHost: "cache.example",
  ExistingSecretArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:cache",
  ExistingSecurityGroupId: "sg-1",
}

/** Every stack that the two templates make. */
const kinds: readonly (readonly [file: string, parameters: Readonly<Record<string, Json>>])[] = [
  ["template.yaml", {}],
  ["template.yaml", { CacheNodes: 1 }],
  ["template.yaml", { WarmSandboxes: 3, AlarmTopicArn: "arn:aws:sns:us-east-1:000000000000:alarms" }],
  ["template.yaml", { Cache: "serverless" }],
  ["template.yaml", { Cache: "existing", ...EXISTING }],
  ["template.yaml", { Cache: "existing-cluster", ...EXISTING }],
  ["gateway.yaml", {}],
  ["gateway.yaml", { ClusterMode: "enabled" }],
]

const read: Record<string, ReturnType<typeof readTemplate>> = {}
beforeAll(() => {
  for (const file of ["template.yaml", "gateway.yaml"]) read[file] = readTemplate(file)
}, SLOW_MS)

function templateOf(file: string): Template {
  const found = read[file]?.template
  if (!found) throw new Error(`${file} was not read`)
  return found
}

const stackOf = (file: string, parameters: Readonly<Record<string, Json>> = {}): Stack =>
  deployed(templateOf(file), parameters)

const ofType = (stack: Stack, type: string): readonly (readonly [string, JsonObject])[] =>
  Object.entries(stack).flatMap(([id, { Type, Properties }]) =>
    Type === type ? [[id, Properties] as const] : [],
  )

describe.each(["template.yaml", "gateway.yaml"])("%s", (file) => {
  it("is a template to which CloudFormation's own rules have no objection", () => {
    expect(read[file]?.violations).toEqual([])
    expect(Object.keys(templateOf(file).Resources).length).toBeGreaterThan(5)
  })

  it("holds no secret: where one is needed, it is generated, and read where it lies", () => {
    const text = JSON.stringify(templateOf(file))

    expect(text).not.toMatch(/rediss?:\/\/[^"]*@/)
    expect(valuesOf(templateOf(file), "SecretString")).toEqual([])
    for (const [, properties] of ofType(templateOf(file).Resources, "AWS::SecretsManager::Secret")) {
      expect(properties["GenerateSecretString"]).toMatchObject({ PasswordLength: expect.any(Number) })
    }
    const resolved = text.match(/\{\{resolve:[^}]*\}*/g) ?? []
    const passwords = valuesOf(templateOf(file), "Passwords")
      .flat()
      .map((one) => JSON.stringify(one))
    expect(passwords.every((one) => /\{\{resolve:secretsmanager:\$\{CacheSecret\}/.test(one))).toBe(true)
    // Nowhere else: what is resolved into an environment can be read there.
    expect(resolved).toHaveLength(passwords.length)
  })

  it("has each of its parameters explained in the README", () => {
    const page = readFileSync(join(FOLDER, "README.md"), "utf8")

    const named = Object.keys(templateOf(file).Parameters).filter((name) => name !== "BootstrapVersion")

    expect(named.filter((name) => !page.includes(name))).toEqual([])
  })

  it("builds every handler that it names", async () => {
    for (const [id, resource] of Object.entries(templateOf(file).Resources)) {
      if (resource.Type !== "AWS::Serverless::Function") continue
      await using built = await build(resource)

      const handlers = valuesOf({ handler: resource.Properties["Handler"] }, "handler").flatMap(namesIn)

      expect(handlers.length, id).toBeGreaterThan(0)
      for (const handler of handlers) {
        expect(handler, id).toMatch(/^[a-z-]+\.handler$/)
        expect(existsSync(join(built.folder, handler.replace(/handler$/, "mjs"))), `${id}: ${handler}`).toBe(
          true,
        )
      }
    }
  })
})

describe.each(kinds)("a stack of %s with %j", (file, parameters) => {
  it("grants each role its own actions on its own resources, and nothing on everything", () => {
    const stack = stackOf(file, parameters)

    const documents = [...valuesOf(stack, "PolicyDocument"), ...valuesOf(stack, "AssumeRolePolicyDocument")]
    const actions = documents.flatMap((one) => valuesOf(one, "Action").flat())
    const resources = documents.flatMap((one) => valuesOf(one, "Resource").flat())

    expect(actions.length).toBeGreaterThan(0)
    expect(new Set(actions)).toEqual(
      new Set([
        "sts:AssumeRole",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "secretsmanager:GetSecretValue",
        ...(parameters["WarmSandboxes"] ? ["lambda:InvokeFunction"] : []),
      ]),
    )
    expect(JSON.stringify([actions, resources])).not.toContain("*")
    expect(valuesOf(stack, "NotAction")).toEqual([])
    expect(valuesOf(stack, "NotResource")).toEqual([])
    expect(
      valuesOf(stack, "Policies")
        .flat()
        .every((one) => typeof one === "object"),
    ).toBe(true)
    for (const arn of valuesOf(stack, "ManagedPolicyArns").flat()) {
      expect(JSON.stringify(arn)).toContain("service-role/AWSLambdaENIManagementAccess")
    }
    const functions = ofType(stack, "AWS::Serverless::Function")
    const roles = functions.map(([, { Role }]) => JSON.stringify(Role))
    expect([new Set(roles).size, roles.length]).toEqual([functions.length, functions.length])
  })

  it("lets nobody in but groups of its own, and nobody out but to them", () => {
    const stack = stackOf(file, parameters)

    const groups = ofType(stack, "AWS::EC2::SecurityGroup").map(([, properties]) => properties)
    const inward = [
      ...groups.flatMap((group) => valuesOf(group, "SecurityGroupIngress").flat()),
      ...ofType(stack, "AWS::EC2::SecurityGroupIngress").map(([, properties]) => properties),
    ]
    const outward = ofType(stack, "AWS::EC2::SecurityGroupEgress").map(([, properties]) => properties)

    expect(inward.length).toBeGreaterThan(0)
    for (const rule of inward) {
      expect(rule).toMatchObject({ IpProtocol: "tcp", SourceSecurityGroupId: expect.anything() })
      expect(rule).not.toHaveProperty("CidrIp")
      expect(rule).not.toHaveProperty("CidrIpv6")
      expect(rule).not.toHaveProperty("SourcePrefixListId")
    }
    for (const rule of outward) expect(rule).toHaveProperty("DestinationSecurityGroupId")
    for (const group of groups) {
      expect(group["SecurityGroupEgress"]).toMatchObject([{ CidrIp: "127.0.0.1/32" }])
    }
  })

  it("runs on Node 24 and arm64, in private subnets, with a limit to its sandboxes", () => {
    const stack = stackOf(file, parameters)

    for (const [id, properties] of ofType(stack, "AWS::Serverless::Function")) {
      expect(properties).toMatchObject({ Runtime: "nodejs24.x", Architectures: ["arm64"] })
      if (id === "Warmer") continue
      expect(properties["ReservedConcurrentExecutions"]).toEqual({ Ref: "ReservedConcurrency" })
      expect(properties["VpcConfig"]).toMatchObject({ SecurityGroupIds: [{ Ref: expect.any(String) }] })
      expect(valuesOf(properties, "Variables")[0]).toMatchObject({ POOL_MAX: { Ref: "PoolMax" } })
    }
  })

  it("refers to nothing that it does not hold", () => {
    const stack = stackOf(file, parameters)
    const known = new Set([...Object.keys(stack), ...Object.keys(templateOf(file).Parameters)])

    const named = [
      ...valuesOf(stack, "Ref"),
      ...valuesOf(stack, "Fn::GetAtt").map((one) => String(one).split(/[.,]/)[0]),
      ...valuesOf(stack, "Fn::Sub").flatMap(subReferences),
    ].map(String)

    expect(named.filter((one) => !one.startsWith("AWS::") && !known.has(one))).toEqual([])
  })

  it("alarms on errors and throttles, and on connections where the cache is its own", () => {
    const alarms = ofType(stackOf(file, parameters), "AWS::CloudWatch::Alarm").map(([, one]) => one)

    const metrics = alarms.flatMap((one) => valuesOf(one, "MetricName"))

    expect(metrics).toEqual(expect.arrayContaining(["Errors", "Throttles"]))
    const isOwn = file === "template.yaml" && !String(parameters["Cache"]).startsWith("existing")
    expect(metrics.includes("CurrConnections")).toBe(isOwn)
    if (isOwn) {
      const budget = valuesOf(alarms, "Expression").map((one) => JSON.stringify(one))
      expect(budget).toEqual([expect.stringMatching(/\$\{ReservedConcurrency\} \* \(\$\{PoolMax\} \+ 1\)/)])
    }
    if (parameters["AlarmTopicArn"]) expect(alarms.every((one) => "AlarmActions" in one)).toBe(true)
  })
})

describe("the cache", () => {
  it("is a Valkey replication group, cluster mode disabled, that speaks TLS and wants a password", () => {
    const stack = stackOf("template.yaml")

    expect(stack["ReplicationGroup"]?.Properties).toMatchObject({
      Engine: "valkey",
      ClusterMode: "disabled",
      TransitEncryptionEnabled: true,
      TransitEncryptionMode: "required",
      AtRestEncryptionEnabled: true,
      AutomaticFailoverEnabled: true,
      UserGroupIds: [{ Ref: "CacheUsers" }],
    })
    expect(stack["ReplicationGroup"]?.Properties).not.toHaveProperty("NumNodeGroups")
    expect(stack["CacheUser"]?.Properties).toMatchObject({ AuthenticationMode: { Type: "password" } })
    expect(handlerOf(stack)).toBe("handler.handler")
    expect(urlOf(stack)).toMatch(/^rediss:/)
    expect(stack).not.toHaveProperty("ServerlessCache")
  })

  it("is serverless by parameter, and the handler then one that knows slots", () => {
    const stack = stackOf("template.yaml", { Cache: "serverless" })

    expect(stack["ServerlessCache"]?.Properties).toMatchObject({
      Engine: "valkey",
      UserGroupId: { Ref: "CacheUsers" },
      CacheUsageLimits: { ECPUPerSecond: { Maximum: expect.any(Number) } },
    })
    expect(handlerOf(stack)).toBe("cluster.handler")
    expect(urlOf(stack)).toMatch(/^rediss\+cluster:/)
    expect(stack).not.toHaveProperty("ReplicationGroup")
  })

  it.each([
    ["existing", "handler.handler", "rediss:"],
    ["existing-cluster", "cluster.handler", "rediss+cluster:"],
  ])("is one that there is already, with %s: nothing of ElastiCache is created", (Cache, handler, scheme) => {
    const stack = stackOf("template.yaml", { Cache, ...EXISTING })

    expect(Object.values(stack).filter(({ Type }) => Type.startsWith("AWS::ElastiCache"))).toEqual([])
    expect(handlerOf(stack)).toBe(handler)
    expect(urlOf(stack).startsWith(`${scheme}//\${ExistingHost}`)).toBe(true)
    expect(valuesOf(stack["FunctionRole"], "Resource")).toContainEqual({ Ref: "ExistingSecretArn" })
    expect(stack["CacheFromFunction"]?.Properties).toMatchObject({
      GroupId: { Ref: "ExistingSecurityGroupId" },
    })
  })
})

describe("the warmer", () => {
  it("is left out unless it has sandboxes to keep warm", () => {
    expect(Object.keys(stackOf("template.yaml")).filter((id) => id.startsWith("Warmer"))).toEqual([])
  })

  it("may ping its function and no other, and is not repeated when it fails", () => {
    const stack = stackOf("template.yaml", { WarmSandboxes: 3 })

    expect(stack["Warmer"]?.Properties).toMatchObject({
      Environment: {
        Variables: { WARM_FUNCTION_NAME: { Ref: "Function" }, WARM_SANDBOXES: { Ref: "WarmSandboxes" } },
      },
      EventInvokeConfig: { MaximumRetryAttempts: 0 },
    })
    expect(valuesOf(stack["WarmerRole"], "Resource")).toContainEqual({ "Fn::GetAtt": "Function.Arn" })
  })
})

describe("the gateway", () => {
  it("takes from the other stack what that one exports", () => {
    const exported = Object.values(templateOf("template.yaml").Outputs).flatMap(
      (one) => one.Export?.Name ?? [],
    )
    const names = exported.map((one) => JSON.stringify(one).replace("AWS::StackName", "CacheStack"))

    const imported = new Set(
      valuesOf(templateOf("gateway.yaml"), "Fn::ImportValue").map((one) => JSON.stringify(one)),
    )

    expect([...imported].sort()).toEqual(names.sort())
  })

  it("may be called through its URL only", () => {
    const stack = stackOf("gateway.yaml")

    expect(stack["GatewayUrl"]?.Properties).toMatchObject({ AuthType: "NONE" })
    expect(ofType(stack, "AWS::Lambda::Permission").map(([, one]) => one)).toEqual([
      expect.objectContaining({ Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "NONE" }),
      expect.objectContaining({ Action: "lambda:InvokeFunction", InvokedViaFunctionUrl: true }),
    ])
  })

  it.each([
    ["disabled", "gateway.handler"],
    ["enabled", "gateway-cluster.handler"],
  ])("with cluster mode %s runs %s", (ClusterMode, handler) => {
    expect(stackOf("gateway.yaml", { ClusterMode })["Gateway"]?.Properties["Handler"]).toBe(handler)
  })

  it("has a token of a name that the way to Secrets Manager is open for", () => {
    const way = JSON.stringify(valuesOf(stackOf("template.yaml")["SecretsEndpoint"], "Resource"))

    expect(stackOf("gateway.yaml")["GatewaySecret"]?.Properties["Name"]).toEqual({
      "Fn::Sub": expect.stringMatching(/^\$\{CacheStack\}\/gateway$/),
    })
    expect(way).toMatch(/:secret:\$\{AWS::StackName\}\/gateway-\?{6}"/)
  })
})

function namesIn(handler: unknown): string[] {
  if (typeof handler === "string") return [handler]
  return valuesOf(handler, "Fn::If").flatMap((one) => (Array.isArray(one) ? one.slice(1) : []))
}

const handlerOf = (stack: Stack): Json | undefined => stack["Function"]?.Properties["Handler"]

function urlOf(stack: Stack): string {
  const [variables] = valuesOf(stack["Function"], "Variables")
  return String(Object(Object(variables)["REDIS_URL"])["Fn::Sub"])
}

/** What a Fn::Sub refers to, less the names that it brings itself. */
function subReferences(sub: unknown): string[] {
  const [text, own = {}] = Array.isArray(sub) ? sub : [sub]
  const names = [...String(text).matchAll(/\$\{([A-Za-z:]+)/g)].map(([, name = ""]) => name)
  return names.filter((name) => !Object.hasOwn(Object(own), name))
}

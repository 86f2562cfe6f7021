import type { Json, JsonObject, Resource, Template } from "./template.ts"

const NO_VALUE = Symbol("AWS::NoValue")
type Value = Json | typeof NO_VALUE

/** What a stack holds with these parameters: the resources whose conditions hold, every `Fn::If` decided. */
export function deployed(
  template: Template,
  given: Readonly<Record<string, Json>>,
): Record<string, Resource> {
  const parameters: Record<string, Json> = {}
  for (const [name, { Default }] of Object.entries(template.Parameters)) {
    if (Default !== undefined) parameters[name] = Default
  }
  const deciding = new Decider(template, { ...parameters, ...given })
  const resources: Record<string, Resource> = {}
  for (const [id, resource] of Object.entries(template.Resources)) {
    if (resource.Condition !== undefined && !deciding.holds({ Condition: resource.Condition })) continue
    const Properties = deciding.decide(resource.Properties) as JsonObject
    resources[id] = { ...resource, Properties }
  }
  return resources
}

class Decider {
  readonly #template: Template
  readonly #parameters: Readonly<Record<string, Json>>

  constructor(template: Template, parameters: Readonly<Record<string, Json>>) {
    this.#template = template
    this.#parameters = parameters
  }

  /** Parameters stay references, as numbers and names do: who reads them knows what they mean. */
  decide(value: Json): Value {
    if (Array.isArray(value))
      return value.map((one) => this.decide(one)).filter((one) => one !== NO_VALUE) as Json[]
    if (typeof value !== "object" || value === null) return value
    const object = value as JsonObject
    const chosen = object["Fn::If"]
    if (Array.isArray(chosen)) return this.decide(chosen[this.holds({ Condition: chosen[0] }) ? 1 : 2])
    if (object["Ref"] === "AWS::NoValue") return NO_VALUE
    const entries = Object.entries(object).map(([name, one]) => [name, this.decide(one)] as const)
    return Object.fromEntries(entries.filter(([, one]) => one !== NO_VALUE)) as JsonObject
  }

  holds(condition: Json | undefined): boolean {
    const [[name, argument] = [], ...others] = Object.entries(Object(condition)) as [string, Json][]
    if (name === undefined || argument === undefined || others.length > 0)
      throw new Error("it is no condition")
    if (name === "Condition") return this.holds(this.#template.Conditions[String(argument)])
    const list = argument as readonly Json[]
    if (name === "Fn::Equals") return new Set(list.map((one) => String(this.#plain(one)))).size === 1
    if (name === "Fn::Not") return !this.holds(list[0])
    if (name === "Fn::Or") return list.some((one) => this.holds(one))
    throw new Error(`a condition of a kind that no template here has: ${name}`)
  }

  #plain(value: Json): Json | undefined {
    if (typeof value !== "object" || value === null) return value
    const name = (value as JsonObject)["Ref"]
    return this.#parameters[String(name)]
  }
}

/** Every value in a template under a property of this name, wherever it stands. */
export function valuesOf(within: unknown, name: string): unknown[] {
  if (typeof within !== "object" || within === null) return []
  return Object.entries(within).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesOf(value, name),
  ])
}

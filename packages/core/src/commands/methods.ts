import { OWN_METHODS } from "./own-methods.ts"
import { type CommandSpec, commandNames, specOf } from "./table.ts"

/** Hands one call of a method on. */
// biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
export type Send = (self: unknown, spec: CommandSpec, decode: "text" | "bytes", args: unknown[]) => unknown

/**
 * An object with a method for every command, and its `…Buffer` twin that gives bytes: the prototype to build on.
 * It is filled before it gets a prototype of its own: V8 then keeps it as a dictionary, many times faster to fill.
 */
export function makeMethods(send: Send): object {
  const methods: Record<string, unknown> = Object.create(null)
  for (const name of commandNames) {
    if (OWN_METHODS.has(name)) continue
    const spec = specOf(name)
    methods[name] = named(name, function (this: unknown, ...args: unknown[]) {
      return send(this, spec, "text", args)
    })
    const twin = `${name}Buffer`
    methods[twin] = named(twin, function (this: unknown, ...args: unknown[]) {
      return send(this, spec, "bytes", args)
    })
  }
  return Object.setPrototypeOf(methods, Object.prototype)
}

// One descriptor for all: a thousand short-lived objects would cost a third of the whole.
const nameOf = { value: "", configurable: true }

function named(name: string, method: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
  nameOf.value = name
  return Object.defineProperty(method, "name", nameOf)
}

import { type CommandSpec, commandSpecs, OWN_METHOD } from "./table.ts"

/** Hands one call of a method on. */
// biome-ignore lint/complexity/useMaxParams: called for every command; an object to hold them would be made each time.
export type Send = (self: unknown, spec: CommandSpec, decode: "text" | "bytes", args: unknown[]) => unknown

/**
 * An object with a method for every command, and its `…Buffer` twin that gives bytes: the prototype to build on.
 * It is filled before it gets a prototype of its own: V8 then keeps it as a dictionary, many times faster to fill.
 */
export function makeMethods(send: Send): object {
  const methods: Record<string, unknown> = Object.create(null)
  for (const spec of commandSpecs) {
    if ((spec.flags & OWN_METHOD) !== 0) continue
    const { name } = spec
    const twin = `${name}Buffer`
    // As members of an object they get their names at once. Without a prototype it is a dictionary: V8 makes no hidden
    // classes for the names. Together that takes a quarter of the time of naming them afterwards.
    const pair: Record<string, unknown> = {
      __proto__: null,
      [name](...args: unknown[]) {
        return send(this, spec, "text", args)
      },
      [twin](...args: unknown[]) {
        return send(this, spec, "bytes", args)
      },
    }
    methods[name] = pair[name]
    methods[twin] = pair[twin]
  }
  return Object.setPrototypeOf(methods, Object.prototype)
}

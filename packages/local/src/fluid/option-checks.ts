import { existsSync, statSync } from "node:fs"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { nearest } from "../nearest.ts"
import { shown } from "../shown.ts"
import { InstanceOptionError } from "./errors.ts"

/** Least and most of every option that is a number. */
export type Ranges = Readonly<Record<string, readonly [number, number]>>

/** @throws InstanceOptionError when these are no options, or hold one that does not exist. */
export function refuseUnknown(title: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InstanceOptionError(`${title} needs options: ${title}({ handler: ... })`)
  }
  for (const name of Object.keys(options)) {
    if (names.includes(name)) continue
    throw new InstanceOptionError(`unknown option "${name}": did you mean "${nearest(name, names)}"?`)
  }
}

/** @throws InstanceOptionError when one is no number, out of range, or a part of a millisecond. */
export function checkRanges(options: object, ranges: Ranges): void {
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value: unknown = Reflect.get(options, name)
    if (value === undefined) continue
    const whole = name.endsWith("S") || Number.isInteger(value)
    if (typeof value === "number" && whole && value >= least && value <= most) continue
    const kind = name.endsWith("S") ? "number" : "whole number"
    throw new InstanceOptionError(`${name} must be a ${kind} from ${least} to ${most}, not ${shown(value)}`)
  }
}

/** @throws InstanceOptionError when a value can't be in an environment; it never shows one. */
export function checkEnv(env: Readonly<Record<string, string>> = {}): void {
  if (typeof env !== "object" || env === null || Array.isArray(env))
    throw new InstanceOptionError("env must be an object of strings")
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== "string") {
      throw new InstanceOptionError(`env.${name} must be a string, not ${typeof value}`)
    }
    if (value.includes("\0"))
      throw new InstanceOptionError(`env.${name} holds a null byte: no environment can`)
  }
}

/** @throws InstanceOptionError when it is there and can't be called. */
export function checkLog(log: unknown): void {
  if (log === undefined || typeof log === "function") return
  throw new InstanceOptionError("log must be a function that takes a line")
}

/** The absolute path of the handler's file. */
export function findFile(handler: unknown): string {
  const isFileUrl = handler instanceof URL && handler.protocol === "file:"
  if (!isFileUrl && (typeof handler !== "string" || handler === "")) {
    throw new InstanceOptionError("handler must be a path or a file: URL")
  }
  const file = resolve(isFileUrl ? fileURLToPath(handler) : String(handler))
  if (existsSync(file) && statSync(file).isFile()) return file
  throw new InstanceOptionError(`handler not found: there is no file ${file}`)
}

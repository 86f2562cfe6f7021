import { flag, fn, type Option, oneOf, readOptions, secret, text } from "@warmpool/core/config"
import type { TlsOptions } from "./tls.ts"

type Material = string | Uint8Array | (string | Uint8Array)[] | undefined

const isMaterial = (value: unknown): boolean => typeof value === "string" || value instanceof Uint8Array

/** Certificates or keys. */
const material: Option<Material> = {
  expects: "PEM as a string or bytes, or an array of them",
  accepts: (value) => (Array.isArray(value) ? value.every(isMaterial) : isMaterial(value)),
  fallback: undefined,
}

const tlsSpec = {
  ca: material,
  cert: material,
  key: material,
  passphrase: secret(),
  servername: text(),
  rejectUnauthorized: flag(),
  minVersion: oneOf(["TLSv1.2", "TLSv1.3"]),
  checkServerIdentity: fn<NonNullable<TlsOptions["checkServerIdentity"]>>(),
}

/**
 * Reads the option `tls` of `where`.
 *
 * @throws ConfigError if one of its own options is unknown or wrong.
 */
export function readTls(where: string, tls: boolean | object | undefined): TlsOptions {
  const read = readOptions(`${where}: tls`, tlsSpec, typeof tls === "object" ? tls : {})
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

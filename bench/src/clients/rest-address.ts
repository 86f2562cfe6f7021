/** Where a REST server is, and with which token: `http://:token@host:port`. */
export interface RestAddress {
  readonly url: string
  readonly token: string
}

/** The two halves of an address that a process was given as one. */
export function restAddress(address: string): RestAddress {
  const url = new URL(address)
  const token = url.password
  url.password = ""
  return { url: url.href.replace(/\/$/, ""), token }
}

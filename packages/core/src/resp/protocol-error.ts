import { ConnectionError } from "../errors.ts"

/** The server's bytes are not RESP, or beyond a bound. The message never shows any of them. */
export function protocolError(problem: string): ConnectionError {
  return new ConnectionError(`the server broke the protocol: ${problem}`)
}

/** What begins a reply is no type of RESP: most often something else listens there, such as an HTTP server. */
export function unknownType(): ConnectionError {
  return protocolError("a reply begins with an unknown byte: is it Redis that listens there?")
}

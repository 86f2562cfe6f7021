import { ConnectionError } from "../errors.ts"

/** The server's bytes are not RESP, or beyond a bound. The message never shows any of them. */
export function protocolError(problem: string): ConnectionError {
  return new ConnectionError(`the server broke the protocol: ${problem}`)
}

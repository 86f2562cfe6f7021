/** What is known of a server; shared by the connections of a transport. */
export class Server {
  /** Headers that every request carries. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether it is our gateway; undefined until it has answered. */
  isGateway: boolean | undefined = undefined
  /** The newest sync token; undefined where nobody wants one. */
  token: string | undefined
  #sent = 0
  #tokenOf = 0

  constructor(headers: Readonly<Record<string, string>>, token: string | undefined) {
    this.headers = headers
    this.token = token
  }

  /** Counts a request; gives its place in the order of sending. */
  next(): number {
    this.#sent += 1
    return this.#sent
  }

  /** Takes a token unless the answer to a later request brought one: answers overtake each other, tokens must not. */
  saw(token: string | null | undefined, request: number): void {
    if (!token || this.token === undefined || request < this.#tokenOf) return
    this.#tokenOf = request
    this.token = token
  }

  /** Takes a token from elsewhere; answers to what was sent before do not replace it. */
  import(token: string): void {
    this.#tokenOf = this.next()
    this.token = token
  }
}

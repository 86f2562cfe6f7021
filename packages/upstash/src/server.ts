/** What is known of a server; shared by the connections of a transport. */
export class Server {
  /** Headers that every request carries. */
  readonly headers: Readonly<Record<string, string>>
  /** Whether it is our gateway; undefined until it has answered. */
  isGateway: boolean | undefined = undefined
  /** The newest sync token; undefined where nobody wants one. */
  token: string | undefined
  /** How many requests were sent. */
  sent = 0
  #tokenOf = 0

  constructor(headers: Readonly<Record<string, string>>, token: string | undefined) {
    this.headers = headers
    this.token = token
  }

  /** Takes a token, unless a later request brought one: answers overtake each other, tokens must not. */
  saw(token: string | null | undefined, request: number): void {
    if (!token || this.token === undefined || request < this.#tokenOf) return
    this.#tokenOf = request
    this.token = token
  }
}

import { ConnectionError } from "@warmpool/core"

/** As whom a connection signs in. Without a username it is the default user. */
export interface Credentials {
  readonly username?: string | undefined
  readonly password: string
}

/** What is asked for credentials, once per connection. */
export type AskCredentials = () => Promise<Credentials>

/** Asks for credentials; connections that open at the same time share one question, later ones ask again. */
export class Keyring {
  readonly #ask: AskCredentials
  #asking: Promise<Credentials> | undefined

  constructor(ask: AskCredentials) {
    this.#ask = ask
  }

  /**
   * Gives credentials.
   *
   * @throws ConnectionError when there are none to have; whoever asks next asks anew.
   */
  get(): Promise<Credentials> {
    this.#asking ??= this.#askOnce().finally(() => this.forget())
    return this.#asking
  }

  /** Whoever asks next asks anew: what is under way was refused, or has come. */
  forget(): void {
    this.#asking = undefined
  }

  async #askOnce(): Promise<Credentials> {
    try {
      const { username, password } = await this.#ask()
      if (typeof password !== "string") throw new TypeError("they have no password")
      return { username, password }
    } catch (cause) {
      throw new ConnectionError("credentials() gave no credentials", { cause, fate: "unsent" })
    }
  }
}

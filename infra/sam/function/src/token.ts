import { readSecret } from "./secret.ts"

/** What clients of the gateway must send, from Secrets Manager. */
export async function readToken(): Promise<string> {
  const { token } = await readSecret(process.env["GATEWAY_SECRET_ARN"])
  if (token === undefined) throw new Error("the secret at GATEWAY_SECRET_ARN must hold token")
  return token
}

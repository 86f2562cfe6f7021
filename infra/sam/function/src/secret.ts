import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager"

const client = new SecretsManagerClient()

/** Reads a secret that holds strings in JSON, such as `{ "username": …, "password": … }`. */
export async function readSecret(id: string | undefined): Promise<Readonly<Record<string, string>>> {
  const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: id }))
  return JSON.parse(SecretString)
}

export type {
  BlockingCommands,
  Key,
  Kind,
  Many,
  Numeric,
  PortableCommands,
  Result,
  StatefulCommands,
  Text,
  Value,
} from "../generated/commands.ts"

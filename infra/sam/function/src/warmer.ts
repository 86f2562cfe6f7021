import { createWarmer } from "@warmpool/lambda/warmer"

// WARM_FUNCTION_NAME and WARM_SANDBOXES say whom to keep warm.
export const handler = createWarmer()

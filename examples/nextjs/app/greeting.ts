export const greeting = "Hello from a warm pool"

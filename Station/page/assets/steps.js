/** The steps of a run, in the order of a board's way. */
export const steps = ["identify", "claim", "register", "flash", "verify", "boot", "activate", "conclude"];

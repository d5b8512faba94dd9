/** What a whole process cost, as it says itself when it ends. */
export interface Usage {
  /** Processor time of all its threads, in seconds. */
  readonly cpu: number;
  /** Most memory it held, in megabytes. */
  readonly memory: number;
}

/** Makes this process say what it cost as the last thing that it does. */
export function tellUsage(): void {
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage: Usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 };
    console.log(JSON.stringify(usage));
  });
}

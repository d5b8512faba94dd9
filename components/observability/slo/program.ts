import type { Program, Settings } from "../../core/environment.ts";
import type { LoadTestProps } from "../load/load-script.ts";
import type { ServiceLevelProps } from "../service-level.ts";

/** A program that also says what its services promise, for whoever asks for the numbers. */
export interface ServiceLevelProgram extends Program {
  /**
   * Service -> its promise in one environment, those without a promise left out.
   * @throws FaultError as build does.
   */
  readonly serviceLevels: (environment: string, settings: Settings) => Readonly<Record<string, ServiceLevelProps>>;
  /**
   * Service -> its load test in one environment, of those that promise something: loadTests(services, row).
   * @default none are made
   */
  readonly loadTests?: (environment: string, settings: Settings) => Readonly<Record<string, LoadTestProps>>;
}

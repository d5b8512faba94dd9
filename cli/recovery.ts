import type { Report } from "../toolchain/index.ts";
import type { Session } from "./engine.ts";

/** What an earlier run left behind when it was killed. */
export async function recover(session: Session, report: Report): Promise<void> {
  void session;
  void report;
}

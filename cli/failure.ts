/** How a run ends; what went wrong has been said already. */
export class Failure extends Error {
  readonly status: number;

  constructor(message: string, status = 1) {
    super(message);
    this.name = "Failure";
    this.status = status;
  }
}

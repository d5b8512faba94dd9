import { pinned } from "./actions.ts";
import type { Workflow } from "./kind.ts";
import type { ImageProps, Settled } from "./props.ts";
import { checkout, script } from "./steps.ts";

/** Builds every image of the branch, pushes it as the commit and as latest, and records its digest, by which it is promoted. */
export function images({ branch, runner }: Settled, built: Readonly<Record<string, ImageProps>>): Workflow {
  const include = Object.entries(built).map(([name, { repository, context = ".", dockerfile }]) => ({
    name,
    repository,
    registry: repository.split("/")[0] ?? "",
    context,
    dockerfile: dockerfile ?? `${context}/Dockerfile`,
  }));
  return {
    name: "images",
    on: { push: { branches: [branch] } },
    permissions: { contents: "read" },
    // Two pushes at once would race for latest.
    concurrency: { group: "images", "cancel-in-progress": false },
    jobs: {
      build: {
        name: "${{ matrix.name }}",
        "runs-on": runner,
        "timeout-minutes": 30,
        strategy: { "fail-fast": false, matrix: { include } },
        steps: [
          checkout(),
          { uses: pinned("setupBuildx") },
          {
            uses: pinned("login"),
            with: {
              registry: "${{ matrix.registry }}",
              username: "${{ vars.REGISTRY_USER }}",
              password: "${{ secrets.REGISTRY_PASSWORD }}",
            },
          },
          {
            id: "push",
            uses: pinned("buildPush"),
            with: {
              context: "${{ matrix.context }}",
              file: "${{ matrix.dockerfile }}",
              push: true,
              tags: "${{ matrix.repository }}:${{ github.sha }}\n${{ matrix.repository }}:latest\n",
              "cache-from": "type=gha,scope=${{ matrix.name }}",
              "cache-to": "type=gha,mode=max,scope=${{ matrix.name }}",
              provenance: true,
              sbom: true,
            },
          },
          {
            name: "Record the digest",
            env: {
              NAME: "${{ matrix.name }}",
              REPOSITORY: "${{ matrix.repository }}",
              DIGEST: "${{ steps.push.outputs.digest }}",
            },
            run: script([
              'test -n "$DIGEST"',
              `printf '{"name":"%s","image":"%s","digest":"%s","commit":"%s"}\\n' "$NAME" "$REPOSITORY" "$DIGEST" "$GITHUB_SHA" > "$NAME.json"`,
              `echo "$NAME \\\`$REPOSITORY@$DIGEST\\\`" >> "$GITHUB_STEP_SUMMARY"`,
            ]),
          },
          {
            uses: pinned("uploadArtifact"),
            with: { name: "digest-${{ matrix.name }}", path: "${{ matrix.name }}.json", "if-no-files-found": "error" },
          },
        ],
      },
    },
  };
}

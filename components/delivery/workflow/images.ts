import { pinned } from "./actions.ts";
import type { Job, Workflow } from "./kind.ts";
import type { ImageProps, Settled } from "./props.ts";
import { checkout, PACKAGES, script } from "./steps.ts";

/** Builds every image of the branch, pushes it as the commit and as latest, and records its digest, by which it is promoted. */
export function images(settled: Settled, built: Readonly<Record<string, ImageProps>>): Workflow {
  const { branch, runner } = settled;
  const all = Object.entries(built);
  const include = all.map(([name, { repository, context = ".", dockerfile, platforms = [], secrets = [] }]) => ({
    name,
    repository,
    registry: repository.split("/")[0] ?? "",
    context,
    dockerfile: dockerfile ?? `${context}/Dockerfile`,
    ...(platforms.length === 0 ? {} : { platforms: platforms.join(",") }),
    // By a variable's name: a value could have more than one line.
    ...(secrets.length === 0 ? {} : { secrets: secrets.map((id) => `${id}=${id.toUpperCase()}`).join("\n") }),
  }));
  const secrets = [...new Set(all.flatMap(([, one]) => one.secrets ?? []))].map((id) => id.toUpperCase());
  const env = Object.fromEntries(secrets.map((name) => [name, `\${{ secrets.${name} }}`]));
  const recorded = settled.recordDigests === false ? {} : { record: record(settled) };
  return {
    name: "images",
    // What a promotion writes is built by nobody: a commit of digests would make further ones for ever.
    on: { push: { branches: [branch], "paths-ignore": ["Pulumi.*.yaml", "deploy/**"] } },
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
            ...(secrets.length === 0 ? {} : { env }),
            with: {
              context: "${{ matrix.context }}",
              file: "${{ matrix.dockerfile }}",
              push: true,
              tags: "${{ matrix.repository }}:${{ github.sha }}\n${{ matrix.repository }}:latest\n",
              "cache-from": "type=gha,scope=${{ matrix.name }}",
              "cache-to": "type=gha,mode=max,scope=${{ matrix.name }}",
              provenance: true,
              sbom: true,
              ...(all.some(([, one]) => one.platforms !== undefined) ? { platforms: "${{ matrix.platforms }}" } : {}),
              ...(secrets.length === 0 ? {} : { "secret-envs": "${{ matrix.secrets }}" }),
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
      ...recorded,
    },
  };
}

/** Proposes the digests to the first environment: from there they are promoted, one environment after another. */
function record({ environments, branch, runner, command }: Settled): Job {
  const first = environments[0] ?? "";
  return {
    name: `digests to ${first}`,
    needs: "build",
    "runs-on": runner,
    "timeout-minutes": 15,
    permissions: { contents: "write", "pull-requests": "write" },
    steps: [
      checkout(),
      ...PACKAGES,
      { uses: pinned("downloadArtifact"), with: { pattern: "digest-*", path: ".digests", "merge-multiple": true } },
      {
        name: "A pull request with the digests",
        env: { GH_TOKEN: "${{ github.token }}" },
        run: script([
          'mv .digests "$RUNNER_TEMP/digests"',
          "digests=()",
          'for file in "$RUNNER_TEMP"/digests/*.json; do digests+=(--digest "$(jq -r \'.name + "=" + .digest\' "$file")"); done',
          'git config user.name "github-actions[bot]"',
          'git config user.email "41898282+github-actions[bot]@users.noreply.github.com"',
          `${command} promote built ${first} --as "\${GITHUB_SHA:0:12}" "\${digests[@]}"`,
          'if [ "$(git rev-parse HEAD)" = "$GITHUB_SHA" ]; then echo "nothing is new" >> "$GITHUB_STEP_SUMMARY"; exit 0; fi',
          'branch="digests/${GITHUB_SHA:0:12}"',
          'git push "https://x-access-token:$GH_TOKEN@github.com/$GITHUB_REPOSITORY" "HEAD:refs/heads/$branch"',
          `gh pr create --base ${branch} --head "$branch" --fill`,
        ]),
      },
    ],
  };
}

/** An action by the commit that was looked at; a tag could be moved to another one. */
interface Pinned {
  readonly action: string;
  /** The full hash of the commit. */
  readonly commit: string;
  /** The release that it is, for people and for what keeps pins up to date. */
  readonly version: string;
}

const PINNED = {
  checkout: { action: "actions/checkout", commit: "08c6903cd8c0fde910a37f88322edcfb5dd907a8", version: "v5.0.0" },
  setupNode: { action: "actions/setup-node", commit: "a0853c24544627f65ddf259abe73b1d18a591444", version: "v5.0.0" },
  setupGo: { action: "actions/setup-go", commit: "d35c59abb061a4a6fb18e82ac0862c26744d6ab5", version: "v5.5.0" },
  cache: { action: "actions/cache", commit: "0057852bfaa89a56745cba8c7296529d2fc39830", version: "v4.3.0" },
  uploadArtifact: {
    action: "actions/upload-artifact",
    commit: "ea165f8d65b6e75b540449e92b4886f43607fa02",
    version: "v4.6.2",
  },
  downloadArtifact: {
    action: "actions/download-artifact",
    commit: "d3f86a106a0bac45b974a628896c90dbdf5c8093",
    version: "v4.3.0",
  },
  setupBuildx: {
    action: "docker/setup-buildx-action",
    commit: "e468171a9de216ec08956ac3ada2f0791b6bd435",
    version: "v3.11.1",
  },
  login: { action: "docker/login-action", commit: "74a5d142397b4f367a81961eba4e8cd7edddf772", version: "v3.4.0" },
  buildPush: {
    action: "docker/build-push-action",
    commit: "263435318d21b8e681c14492fe198d362a7d2c83",
    version: "v6.18.0",
  },
} as const satisfies Readonly<Record<string, Pinned>>;

/** What a step uses. */
export function pinned(name: keyof typeof PINNED): string {
  const { action, commit } = PINNED[name];
  return `${action}@${commit}`;
}

/** The release of a pinned action, which stands beside it; undefined for what is not pinned here. */
export function versionOf(uses: string): string | undefined {
  return Object.values(PINNED).find(({ action, commit }) => uses === `${action}@${commit}`)?.version;
}

/** How this machine reaches registries of packages: its mirrors, proxies, credentials and certificates. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/** Of the environment these are carried over, whatever their case, and no other. */
const VARIABLES = [
  /^(?:https?|all|no)_proxy$/i,
  /^GO(?:PROXY|NOPROXY|PRIVATE|INSECURE|SUMDB|NOSUMDB|AUTH|FLAGS|TOOLCHAIN)$/,
  /^npm_config_(?:.*registry|https?_proxy|proxy|noproxy|cafile|strict_ssl)$/i,
  /^PIP_(?:INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|PROXY|CERT|DEFAULT_TIMEOUT)$/,
  /^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|GIT_SSL_CAINFO|CURL_CA_BUNDLE|REQUESTS_CA_BUNDLE)$/,
];

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

export function carriedVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && VARIABLES.some((pattern) => pattern.test(name))
        ? [[name, value] as const]
        : [],
    ),
  );
}

/** Copies into a root the settings of npm, Go and pip, and the certificates that variables name. */
export function copySettings(root: string, variables: Readonly<Record<string, string>>): void {
  const ask = (command: string, ...args: string[]) =>
    execFileSync(command, args, { encoding: 'utf8' }).trim();
  const named = Object.values(variables).filter((value) => isAbsolute(value));
  const copies: readonly (readonly [from: string, to: string])[] = [
    ...[CERTIFICATES, '/etc/resolv.conf', '/etc/hosts', '/etc/pip.conf', ...named].map(
      (path) => [path, path] as const,
    ),
    [join(homedir(), '.npmrc'), '/root/.npmrc'],
    [join(homedir(), '.netrc'), '/root/.netrc'],
    [join(homedir(), '.config/pip/pip.conf'), '/root/.config/pip/pip.conf'],
    [ask('npm', 'config', 'get', 'globalconfig'), '/usr/local/etc/npmrc'],
    [ask('go', 'env', 'GOENV'), '/root/.config/go/env'],
  ];
  for (const [from, to] of copies) {
    if (!existsSync(from) || !statSync(from).isFile()) continue;
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(from, join(root, to));
  }
}

/** How apt reaches mirrors, in the syntax of apt.conf(5). Not what it runs before and after, nor what it keeps. */
export function aptSettings(): string {
  if (!existsSync('/usr/bin/apt-config')) return '';
  const all = execFileSync('apt-config', ['dump', 'Acquire'], { encoding: 'utf8' });
  return all
    .split('\n')
    .filter((line) => /^Acquire::(?:https?::|Retries|Check-)\S* "/.test(line))
    .join('\n');
}

/** Files that say where this machine gets the packages of a suite (`bookworm`), if it is of that suite itself. */
export function aptSources(suite: string): string[] {
  const os = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const same = /^ID=debian$/m.test(os) && os.includes(`\nVERSION_CODENAME=${suite}\n`);
  const files = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];
  return same ? files.filter((file) => existsSync(file)).slice(0, 1) : [];
}

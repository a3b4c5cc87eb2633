/**
 * The direction of imports, as dependency-cruiser rules: who may know whom. Each rule has a violating tree under
 * fixtures/<rule name>, which proves that it bites.
 */
import type { IRegularForbiddenRuleType } from 'dependency-cruiser';

const OURS = '^(main|preload|renderer|shared|test|build)/';
const PACKAGES = '(^|/)node_modules/';

function forbid(
  name: string,
  comment: string,
  from: IRegularForbiddenRuleType['from'],
  to: IRegularForbiddenRuleType['to'],
): IRegularForbiddenRuleType {
  return { name, comment, severity: 'error', from, to };
}

export const DEPENDENCY_RULES: IRegularForbiddenRuleType[] = [
  forbid(
    'shared-imports-nothing-of-ours',
    'shared is what everybody knows; it knows nobody.',
    { path: '^shared/' },
    { path: OURS, pathNot: '^shared/' },
  ),
  forbid(
    'shared-is-pure',
    'No Node, no Electron: shared runs in the sandboxed renderer too. zod is its only package.',
    { path: '^shared/' },
    { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: `${PACKAGES}zod/` },
  ),
  forbid(
    'protocol-imports-shared-only',
    'DE-MLS is sans-I/O and stands alone.',
    { path: '^main/protocol/' },
    { path: OURS, pathNot: '^(main/protocol|shared)/' },
  ),
  forbid(
    'protocol-uses-cryptography-and-codecs-only',
    'No socket, disk or timer can reach the protocol, not through a package either.',
    { path: '^main/protocol/' },
    {
      dependencyTypes: ['core', 'npm', 'npm-dev'],
      pathNot: [`${PACKAGES}(ts-mls|@noble/[^/]+|@scure/[^/]+|@bufbuild/protobuf)/`, '^(node:)?crypto$'],
    },
  ),
  forbid(
    'organs-do-not-know-each-other',
    'storage, network and keychain are exchanged one by one.',
    { path: '^main/(storage|network|keychain)/' },
    { path: '^main/(storage|network|keychain)/', pathNot: '^main/$1/' },
  ),
  forbid(
    'organs-take-types-only-from-above',
    'An organ implements an interface that messenger or protocol declares; it never calls them.',
    { path: '^main/(storage|network|keychain)/' },
    { path: '^main/(messenger|protocol|clock)', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'organs-do-not-know-the-doors',
    'What is above messenger is no business of an organ.',
    { path: '^main/(storage|network|keychain)/' },
    { path: '^main/', pathNot: '^main/(storage|network|keychain|messenger|protocol|clock)' },
  ),
  forbid(
    'messenger-imports-protocol-and-ports',
    'Use cases know the protocol and the interfaces that they declare, not who implements them.',
    { path: '^main/messenger/' },
    { path: OURS, pathNot: '^(main/messenger/|main/protocol/|main/clock[.]ts$|shared/)' },
  ),
  forbid(
    'api-imports-messenger-and-shared',
    'A handler validates, calls the messenger and maps errors.',
    { path: '^main/api/' },
    { path: OURS, pathNot: '^(main/api/|main/messenger/|shared/)' },
  ),
  forbid(
    'desktop-imports-api',
    'A window is a door: behind it there is the API, nothing deeper. The composed node is known as a type.',
    { path: '^main/desktop/' },
    {
      path: OURS,
      pathNot: '^(main/desktop/|main/api/|shared/|main/(node|logging|version)[.]ts$|main/messenger/contract[.]ts$)',
    },
  ),
  forbid(
    'desktop-does-not-compose',
    'main/index.ts hands the composed node to the desktop.',
    { path: '^main/desktop/' },
    { path: '^main/node[.]ts$', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'headless-imports-api',
    'The headless node is the same door on stdio.',
    { path: '^main/headless([.]ts$|/)' },
    {
      path: OURS,
      pathNot:
        '^(main/headless([.]ts$|/)|main/api/|main/(node|clock|logging|version)[.]ts$|main/messenger/contract[.]ts$|shared/)',
    },
  ),
  forbid(
    'only-the-desktop-knows-electron',
    'Everything else must run without a window.',
    { path: '^(main|shared|renderer)/', pathNot: '^main/(desktop/|index[.]ts$)' },
    { path: [`${PACKAGES}electron/`, '^electron$'] },
  ),
  forbid(
    'only-the-network-knows-libp2p',
    'The transport can be exchanged.',
    { path: '^(main|shared|renderer|preload)/', pathNot: '^main/network/' },
    { path: `${PACKAGES}(libp2p|@libp2p/[^/]+|@chainsafe/libp2p-[^/]+|multicast-dns)/` },
  ),
  forbid(
    'preload-imports-the-api-only',
    'The bridge exposes the typed API and does nothing else.',
    { path: '^preload/' },
    { path: OURS, pathNot: '^(preload|shared/api)/' },
  ),
  forbid(
    'renderer-imports-shared-only',
    'The renderer talks to main through the bridge, never by import.',
    { path: '^renderer/' },
    { path: OURS, pathNot: '^(renderer|shared)/' },
  ),
  forbid(
    'renderer-has-no-node',
    'The renderer is sandboxed: there is no Node in it.',
    { path: '^renderer/' },
    { dependencyTypes: ['core'] },
  ),
  forbid(
    'nothing-imports-test-or-build',
    'What ships does not know how it is tested or built.',
    { path: '^(main|preload|renderer|shared|build)/' },
    { path: '^(test|build)/', pathNot: '^$1/' },
  ),
  forbid('no-cycles', 'A cycle has no layers.', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
];

/**
 * One network in a process of its own, for the namespaces test: a line of JSON on stdout for each event,
 * a line of JSON on stdin for each order. Ends when stdin ends.
 */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { createNetwork } from '../../main/network/index.ts';
import { conversation, createIdentity, realClock, verify } from '../main/network/support.ts';

const [name = 'node', reach] = process.argv.slice(2);
const group = conversation('n');
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const complain = (level: string) => (data: object, message: string) =>
  void process.stderr.write(`${name} ${level} ${message} ${JSON.stringify(data)}\n`);

const network = await createNetwork({
  privateKey: Uint8Array.from(createHash('sha256').update(`${name} ${process.pid}`).digest()),
  identity: createIdentity(),
  verify,
  mdns: true,
  onEvent: (event) => {
    switch (event.kind) {
      case 'packet':
        say({ kind: 'packet', text: Buffer.from(event.packet.payload).toString() });
        break;
      case 'topicPeers':
        say({ kind: 'topicPeers', peers: event.peers });
        break;
      case 'peerUpdated':
        say({
          kind: 'peerUpdated',
          peerId: event.peer.peerId,
          connected: event.peer.connected,
          name: event.peer.displayName,
        });
        break;
      case 'peerLost':
        say({ kind: 'peerLost', peerId: event.peerId });
        break;
      case 'inviteOffered':
      case 'addressesChanged':
        break;
      case 'catchUpOpened':
        event.channel.abort(new Error('nothing to catch up with'));
        break;
    }
  },
  clock: realClock,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  logger: { debug: complain('debug'), info: complain('info'), warn: complain('warn'), error: complain('error') },
  allowPublicAddresses: reach === 'public',
});
network.setProfile({ displayName: name, visibleNearby: true });
await network.start();
network.subscribe(group);
say({ kind: 'ready', peerId: network.peerId, listenAddresses: network.listenAddresses() });

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as { publish: string } | { connect: string } | { diagnose: true };
  if ('publish' in order) {
    const payload = Buffer.from(order.publish);
    say({ kind: 'published', ...(await network.publish({ conversationId: group, subtopic: 'app_msg', payload })) });
  } else if ('connect' in order) {
    const outcome = await network.connect(order.connect).then(
      () => 'connected',
      (error: unknown) => String(error),
    );
    say({ kind: 'connect', outcome });
  } else {
    say({ kind: 'diagnostics', diagnostics: network.diagnostics() });
  }
}
await network.stop();
say({ kind: 'stopped' });

import { type Environment, Microservice } from '../../lib';

/**
 * The lesson's freight platform, as far as this repository can show it: its services are not here, and podinfo
 * (https://github.com/stefanprodan/podinfo) stands for each. It answers at `/`, and forwards what is posted to `/echo`
 * along the platform's own paths: booking asks routing, handling tells tracking.
 */
export function freight(environment: Environment, image: string): void {
  const podinfo = {
    image,
    port: 9898,
    probes: { start: '/readyz', ready: '/readyz', live: '/healthz' },
  };

  const routing = new Microservice(environment, 'routing', podinfo);
  const tracking = new Microservice(environment, 'tracking', {
    ...podinfo,
    host: 'tracking.example.com',
  });
  new Microservice(environment, 'booking', {
    ...podinfo,
    host: 'booking.example.com',
    uses: { ROUTING: routing },
    env: { PODINFO_BACKEND_URL: `${routing.url}/echo` },
  });
  new Microservice(environment, 'handling', {
    ...podinfo,
    host: 'handling.example.com',
    uses: { TRACKING: tracking },
    env: { PODINFO_BACKEND_URL: `${tracking.url}/echo` },
  });
}

import { validate } from 'dockerfile-utils';

/** What is wrong with the image, a sentence each: it must be well-formed, run as nobody special and take nothing along. */
export function findImageProblems(dockerfile: string, ignored: readonly string[]): string[] {
  const problems = validate(dockerfile).map(
    ({ message, range }) => `Dockerfile:${range.start.line + 1}: ${message}`,
  );
  const expect = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };
  const stages = readStages(dockerfile);
  const last = stages.at(-1)?.text ?? '';
  expect(/^USER (?!root)/m.test(last), 'Dockerfile: the last stage runs as root');
  expect(/^HEALTHCHECK /m.test(last), 'Dockerfile: no health check');
  expect(
    !/^ADD |:latest\b|--no-check|curl .*\| *sh/m.test(dockerfile),
    'Dockerfile: ADD, latest or a piped script',
  );
  for (const { image } of stages) {
    const isTagged = /:[\w.-]+$/.test(image) || stages.some(({ name }) => name === image);
    expect(isTagged, `Dockerfile: ${image} has no tag`);
  }
  for (const [install] of dockerfile.matchAll(/npm ci[^&\n]*/g)) {
    expect(install.includes('--ignore-scripts'), `Dockerfile: runs install scripts: ${install}`);
  }
  // Not the page's packages or the gate's, and modes that do not depend on the umask of a checkout.
  for (const [copy, name] of last.matchAll(/^COPY (?:--from=(\w+))?.*/gm)) {
    const from = stages.find((stage) => stage.name === name)?.text ?? '';
    expect(/npm ci.* --omit=dev .*@sotto\/relay/.test(from), `Dockerfile: more than a relay needs: ${copy}`);
    expect(/^RUN .*chmod -R u=rwX,go=rX/m.test(from), `Dockerfile: modes of the checkout: ${copy}`);
  }
  // A relay that was tried in the checkout leaves keys there.
  for (const wanted of ['.git', '**/data', '**/.env*', '**/*.db*', '**/node_modules']) {
    expect(ignored.includes(wanted), `.dockerignore: ${wanted} is missing`);
  }
  return problems;
}

/** `name` is empty for a stage that nobody can name. */
function readStages(dockerfile: string): { image: string; name: string; text: string }[] {
  return dockerfile
    .split(/^(?=FROM )/m)
    .filter((text) => text.startsWith('FROM '))
    .map((text) => {
      const [, image = '', name = ''] = /^FROM (\S+)(?: AS (\S+))?/.exec(text) ?? [];
      return { image, name, text };
    });
}

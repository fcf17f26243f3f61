# One image for one relay or many: the page is built, the relay runs its TypeScript as it is.
# Install scripts are not run: the one there is fetches the Node that the base image has already.
FROM node:26-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/relay/package.json apps/relay/package.json
COPY apps/web/package.json apps/web/package.json
COPY packages/core/package.json packages/core/package.json
COPY packages/protocol/package.json packages/protocol/package.json
COPY packages/transparency/package.json packages/transparency/package.json

FROM manifests AS page
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build -w @sotto/web

# What the relay needs and nothing of the page's. A checkout under `umask 077` must stay readable for who runs it.
FROM manifests AS relay
RUN npm ci --ignore-scripts --omit=dev --workspace @sotto/relay && rm package-lock.json .npmrc
COPY packages/protocol/src packages/protocol/src
COPY packages/transparency/src packages/transparency/src
COPY apps/relay/src apps/relay/src
COPY --from=page /app/apps/web/dist apps/web/dist
RUN ln -s ../../apps/relay/src/cli.ts node_modules/.bin/sotto && chmod -R u=rwX,go=rX .

FROM node:26-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 SOTTO_DATA_DIR=/data PATH=/app/node_modules/.bin:$PATH
WORKDIR /app
COPY --from=relay /app ./
# The code belongs to root and is never written; /data is all that the relay may write.
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/readyz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/relay/src/main.ts"]

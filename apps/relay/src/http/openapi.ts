import { CBOR_TYPE, ERRORS, PROTOCOL_VERSION, ROUTES, type RouteName } from '@sotto/protocol';
import { z } from 'zod';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 of the protocol's routes, from the schemas that parse them. Byte strings are CBOR's own (major type 2). */
export function describeApi(): Json {
  const paths: Record<string, Json> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: DescribedRoute = ROUTES[name];
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(name, route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sotto relay', version: String(PROTOCOL_VERSION) },
    paths,
    components: {
      schemas: { Refusal: describeRefusal() },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: '__Host-sotto' },
      },
    },
  };
}

interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly auth: 'none' | 'cookie' | 'token';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly response: z.ZodType;
}

function describeRoute(name: string, route: DescribedRoute): Json {
  const parameters = [...listParameters(route.params, 'path'), ...listParameters(route.query, 'query')];
  return {
    operationId: name,
    ...(route.auth !== 'none' && { security: [{ [route.auth]: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: { required: true, content: describeContent(route.body) },
    }),
    responses: {
      200: { description: 'done', content: describeContent(route.response) },
      default: {
        description: 'refused',
        content: { [CBOR_TYPE]: { schema: { $ref: '#/components/schemas/Refusal' } } },
      },
    },
  };
}

function listParameters(fields: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  return Object.entries(fields?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path',
    schema: describeShape(schema as z.ZodType),
  }));
}

function describeContent(schema: z.ZodType): Json {
  return { [CBOR_TYPE]: { schema: describeShape(schema) } };
}

function describeShape(schema: z.ZodType): Json {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // The only custom schema of the protocol is a byte string.
      if (zodSchema._zod.def.type === 'custom')
        Object.assign(jsonSchema, { type: 'string', format: 'binary' });
    },
  });
  return shape;
}

function describeRefusal(): Json {
  return {
    type: 'object',
    required: ['ok', 'code'],
    properties: {
      ok: { const: false },
      code: { enum: Object.keys(ERRORS) },
      retryAfter: { type: 'number', description: 'seconds' },
    },
  };
}

//! The spec that every case of compatibility patches.

pub(crate) const BASE: &str = "\
openapi: 3.0.3
info: {title: t, version: 0.1.0}
security:
  - token: []
  - signature: []
paths:
  /v9/{a}/runs:
    post:
      operationId: StartRun
      parameters:
        - {name: a, in: path, required: true, schema: {type: string, minLength: 1, maxLength: 64, pattern: '^a'}}
        - {name: kind, in: query, required: true, schema: {type: string, enum: [x, y], default: x}}
        - {name: limit, in: query, schema: {type: integer, minimum: 10, maximum: 200, default: 10}}
        - {name: region, in: header, schema: {type: string, minLength: 2, maxLength: 128}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Request'}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {$ref: '#/components/schemas/Reply'}}}
    get:
      operationId: ShowRun
      parameters: [{name: a, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    token: {type: apiKey, in: header, name: X-Auth-Token, x-mandatory: true, x-length: {min: 1, max: 32768}}
    signature: {type: apiKey, in: header, name: Authorization}
  schemas:
    Ids: {type: array, minItems: 1, maxItems: 200, items: {type: string, maxLength: 64}}
    Request:
      type: object
      required: [ids]
      properties:
        ids: {$ref: '#/components/schemas/Ids'}
        all: {type: boolean}
        note: {type: string, minLength: 1, maxLength: 9, pattern: '^q', format: date}
        size: {type: integer, minimum: 1, maximum: 5}
        color: {type: string, enum: [red, green], default: red}
        inner: {type: object, required: [depth], properties: {depth: {type: integer}, self: {$ref: '#/components/schemas/Request'}}}
    Reply:
      type: object
      required: [total]
      properties:
        total: {type: integer, x-length: {min: 1, max: 100}}
        error: {type: string, x-length: {min: 1, max: 256}, pattern: '^e', format: uuid}
        state: {type: string, enum: [on, off], default: on}
        rows: {type: array, x-length: {min: 1, max: 50}, items: {type: object, properties: {id: {type: string, x-length: {max: 64}}}}}
        when: {type: string, nullable: true}
";

// Prints what cdk-nag's packs AwsSolutions and Serverless find in a CloudFormation
// template, as JSON: [{"rule": "AwsSolutions-SQS3", "at": "EventsQueue", "says": "…"}].
// What is acknowledged is not its business.
//
//   node nag.mjs TEMPLATE.json MODULES      MODULES has node_modules with cdk-nag
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const [template, modules] = process.argv.slice(2);
const require = createRequire(join(resolve(modules), 'nag.mjs'));
const { App, DefaultStackSynthesizer, Stack } = require('aws-cdk-lib');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');
const nag = require('cdk-nag');

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Stack', { synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) });
new CfnInclude(stack, 'Template', { templateFile: template, preserveLogicalIds: true });

const found = [];
for (const pack of [new nag.AwsSolutionsChecks(app), new nag.ServerlessChecks(app)]) {
  for (const violation of pack.validateScope(app).violations ?? []) {
    for (const where of violation.violatingConstructs ?? violation.violatingResources ?? []) {
      const at = String(where.resourceLogicalId ?? where.constructPath).split('/').pop();
      found.push({ rule: violation.ruleName, at, says: String(violation.description) });
    }
  }
}
console.log(JSON.stringify(found));

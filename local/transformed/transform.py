"""Prints template.yaml as SAM makes it plain CloudFormation, in JSON.

It runs SAM's own translator without a network: code is said to lie in a bucket,
because the translator takes no folders, and the names of AWS's managed policies are
not looked up, because the template has none.
"""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

import boto3
from cfnlint.decode.cfn_yaml import load
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def plain(node):
    """Takes the positions in the file off what the reader gives."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def main(path):
    template = plain(load(path))
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource.setdefault("Properties", {})["CodeUri"] = f"s3://code/{name}.zip"
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    try:
        translator = Translator({}, Parser(), plugins=[], boto_session=boto3.session.Session(region_name="us-east-1"))
        made = translator.translate(sam_template=template, parameter_values={})
    except InvalidDocumentException as refused:
        sys.exit("\n".join(cause.message for cause in refused.causes))
    json.dump(made, sys.stdout, indent=1)


main(sys.argv[1])

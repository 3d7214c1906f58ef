package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fulcrum/local/template"
)

// settings are those of all tests; overrides are name=value.
func settings(overrides ...string) template.Settings {
	s := template.Settings{StackName: "shop", Region: "eu-central-1", Account: "123456789012", Parameters: map[string]string{}}
	for _, o := range overrides {
		name, value, _ := strings.Cut(o, "=")
		s.Parameters[name] = value
	}
	return s
}

// problemOf is the first problem of a template, or empty.
func problemOf(t *testing.T, text string, overrides ...string) string {
	t.Helper()
	_, problem := wire(t, text, overrides...)
	return problem
}

// wire reads a template and evaluates all of it. It has one folder, functions/f.
func wire(t *testing.T, text string, overrides ...string) (w template.Wiring, problem string) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "template.yaml")
	if err := os.MkdirAll(filepath.Join(dir, "functions", "f"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	w, err := evaluate(path, settings(overrides...))
	if err != nil {
		problem = strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
	}
	return w, problem
}

func evaluate(path string, s template.Settings) (w template.Wiring, err error) {
	read, err := template.Read(path)
	if err != nil {
		return w, err
	}
	stack, err := template.NewStack(read, s)
	if err != nil {
		return w, err
	}
	stores, err := stack.Stores()
	if err != nil {
		return w, err
	}
	for _, store := range stores {
		switch store.Type {
		case template.QueueType:
			_, err = stack.Queue(store.ID, stack.Values())
		case template.TableType:
			_, err = stack.Table(store.ID, stack.Values())
		case template.SecretType:
			_, err = stack.Secret(store.ID, stack.Values())
		}
		if err != nil {
			return w, err
		}
	}
	return stack.Wiring(stack.Values())
}

func TestWhatCannotBeReadIsOneLineWithFileLineAndReason(t *testing.T) {
	const queue = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Properties:\n      "
	tests := map[string]struct{ text, want string }{
		"a template that is fine":         {queue + "DelaySeconds: 3\n", ""},
		"no YAML":                         {"Resources:\n  Q: [\n", "template.yaml:2: did not find expected node content"},
		"nothing":                         {"", "template.yaml:1: not a template: no mapping at the top"},
		"a list":                          {"- a\n", "template.yaml:1: not a template: no mapping at the top"},
		"no resources":                    {"Parameters: {}\n", "template.yaml:1: not a template: no Resources"},
		"a section of the wrong kind":     {"Resources: {}\nParameters: []\n", "template.yaml:2: Parameters is not a mapping"},
		"a key that is there twice":       {"Resources:\n  Q: {Type: AWS::SQS::Queue}\n  Q: {Type: AWS::SQS::Queue}\n", "template.yaml:3: Q is there twice"},
		"a merge key":                     {"Resources:\n  Q: &q {Type: AWS::SQS::Queue}\n  R: {<<: *q}\n", "template.yaml:3: CloudFormation has no merge keys (<<)"},
		"a resource without a type":       {"Resources:\n  Q: {}\n", "template.yaml:2: resource Q has no Type"},
		"a type that nobody runs":         {"Resources:\n  T:\n    Type: AWS::EC2::Instance\n", "template.yaml:3: resources of the type AWS::EC2::Instance are not run here"},
		"a property that is not run":      {"Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      StreamSpecification: {StreamViewType: KEYS_ONLY}\n", "template.yaml:5: T: StreamSpecification is not supported here"},
		"a reference to nothing":          {queue + "QueueName: !Ref Nobody\n", "template.yaml:5: there is no parameter or resource Nobody"},
		"an attribute that is not there":  {queue + "RedrivePolicy: {deadLetterTargetArn: !GetAtt Q.Colour}\n", "template.yaml:5: Q has no attribute Colour here"},
		"an unknown pseudo parameter":     {queue + "QueueName: !Sub 'a-${AWS::Moon}'\n", "template.yaml:5: there is no pseudo parameter AWS::Moon here"},
		"a function that is not run":      {queue + "QueueName: !ImportValue x\n", "template.yaml:5: the function ImportValue is not supported here"},
		"a condition outside of its room": {queue + "QueueName: !Equals [a, a]\n", "template.yaml:5: the function Equals is not supported here"},
		"Select beyond the list":          {queue + "QueueName: !Select [2, [a, b]]\n", "template.yaml:5: Select has no item 2"},
		"Select without a list":           {queue + "QueueName: !Select [0, a]\n", "template.yaml:5: a list is needed here"},
		"Join with one argument":          {queue + "QueueName: !Join [a]\n", "template.yaml:5: Join takes a list of 2"},
		"Join of what are no strings":     {queue + "QueueName: !Join ['', [[a]]]\n", "template.yaml:5: a string is needed here"},
		"GetAtt without an attribute":     {queue + "QueueName: !GetAtt Q\n", "template.yaml:5: GetAtt takes a resource and its attribute"},
		"Sub of a list":                   {queue + "QueueName: !Sub [[a], {}]\n", "template.yaml:5: Sub takes a string, or a string and a mapping"},
		"Ref of a list":                   {queue + "QueueName: !Ref [a]\n", "template.yaml:5: Ref takes a name"},
		"a key that no mapping has":       {queue + "QueueName: !FindInMap [M, a, b]\nMappings:\n  M: {}\n", "template.yaml:5: Mappings has no a"},
		"an unknown condition":            {queue + "QueueName: !If [Maybe, a, b]\n", "template.yaml:5: there is no condition Maybe"},
		"a condition on itself":           {"Conditions:\n  A: !Not [!Condition A]\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: A}\n", "template.yaml:2: condition A depends on itself"},
		"a condition that is none":        {"Conditions:\n  A: yes\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: A}\n", "template.yaml:2: a condition is needed here: Equals, Not, And, Or or Condition"},
		"And of one":                      {"Conditions:\n  A: !And [!Equals [a, a]]\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: A}\n", "template.yaml:2: And takes a list of 2 to 10"},
		"a resource that is not there": {"Conditions:\n  No: !Equals [a, b]\nResources:\n  D: {Type: AWS::SQS::Queue, Condition: No}\n  Q:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: !Ref D}\n",
			"template.yaml:7: resource D is not there: its condition is false"},
		"resources that wait for each other": {"Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt B.Arn}}\n  B:\n    Type: AWS::SQS::Queue\n    Properties: {RedriveAllowPolicy: {sourceQueueArns: [!GetAtt A.Arn]}}\n",
			"template.yaml:2: circular dependency between resources: A, B, A"},
		"a number that is none": {"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {Folder: functions/f}\n    Properties:\n      Runtime: provided.al2023\n      Timeout: soon\n",
			"template.yaml:7: cannot unmarshal !!str `soon` into int"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := problemOf(t, tt.text); got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	_, err := template.Read(filepath.Join(t.TempDir(), "nowhere.yaml"))
	if err == nil || !strings.Contains(err.Error(), "nowhere.yaml: no such file") {
		t.Errorf("got %v", err)
	}
}

func TestParametersAreCheckedAsCloudFormationDoes(t *testing.T) {
	const text = `Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Count: { Type: Number, Default: 3, MinValue: 2, MaxValue: 5 }
  Host: { Type: String, Default: a.b, AllowedPattern: "[a-z.]+", ConstraintDescription: small letters }
  Code: { Type: String, Default: abc, MinLength: 2, MaxLength: 4 }
  Names: { Type: CommaDelimitedList, Default: "a, b", AllowedValues: [a, b, c] }
  Odd: { Type: String, Default: x, AllowedPattern: "(?=x)" }
Resources: {}
`
	withoutOdd := strings.Replace(text, `  Odd: { Type: String, Default: x, AllowedPattern: "(?=x)" }`+"\n", "", 1)
	tests := map[string]struct {
		text, override, want string
	}{
		"the defaults":                     {withoutOdd, "", ""},
		"a value that is allowed":          {withoutOdd, "Stage=prod", ""},
		"a value that is not":              {withoutOdd, "Stage=test", `template.yaml:2: parameter Stage: "test" is none of its allowed values dev, prod`},
		"a number out of range":            {withoutOdd, "Count=6", "template.yaml:3: parameter Count: 6 is smaller or larger than allowed"},
		"no number":                        {withoutOdd, "Count=many", `template.yaml:3: parameter Count: "many" is not a number`},
		"a text against its pattern":       {withoutOdd, "Host=A", `template.yaml:4: parameter Host: "A": small letters`},
		"a text that is too long":          {withoutOdd, "Code=abcde", `template.yaml:5: parameter Code: "abcde" is shorter or longer than allowed`},
		"one wrong item of a list":         {withoutOdd, "Names=a,x", `template.yaml:6: parameter Names: "x" is none of its allowed values a, b, c`},
		"a parameter that is not there":    {withoutOdd, "Colour=red", "template.yaml:1: there is no parameter Colour"},
		"a pattern that cannot be read":    {text, "", "template.yaml:7: parameter Odd: AllowedPattern cannot be read: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
		"neither a default nor a value":    {"Parameters:\n  A: {Type: String}\nResources: {}\n", "", "template.yaml:2: parameter A has no default and was given no value"},
		"a parameter of another service":   {"Parameters:\n  A: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}\nResources: {}\n", "", "template.yaml:2: parameter A: type AWS::SSM::Parameter::Value<String> is not supported here: there is no Parameter Store"},
		"a parameter of the wrong shape":   {"Parameters:\n  A: {Type: Number, MinValue: low}\nResources: {}\n", "", "template.yaml:2: cannot unmarshal !!str `low` into float64"},
		"a list where a string is needed":  {"Parameters:\n  A: {Type: CommaDelimitedList, Default: 'a,b'}\nResources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${A}'}}\n", "", "template.yaml:4: parameter A is a list; a string is needed here"},
		"a list that is used as one value": {"Parameters:\n  A: {Type: CommaDelimitedList, Default: 'a,b'}\nResources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: !Join ['-', !Ref A]}}\n", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var overrides []string
			if tt.override != "" {
				overrides = []string{tt.override}
			}
			if got := problemOf(t, tt.text, overrides...); got != tt.want {
				t.Errorf("\n got %q\nwant %q", got, tt.want)
			}
		})
	}
}

package api

import (
	"encoding/json"
	"maps"
	"slices"
)

// shape applies include and expand to objects: include names the members that
// stay, expand puts objects in the place of ids and keeps its members too.
func (c *call) shape(objects []any) ([]any, error) {
	include, expand := c.query["include"], c.query["expand"]
	if len(include) == 0 && len(expand) == 0 {
		return objects, nil
	}
	shaped := make([]any, len(objects))
	for i, object := range objects {
		members, err := membersOf(object)
		if err != nil {
			return nil, err
		}
		for _, name := range expand {
			if value, ok := members[name]; ok {
				members[name] = c.expand(value)
			}
		}
		shaped[i] = reduce(members, include, expand)
	}
	return shaped, nil
}

// reduce drops the members that are not included or expanded, if any are named.
func reduce(members map[string]any, include, expand []string) map[string]any {
	if len(include) > 0 {
		maps.DeleteFunc(members, func(name string, _ any) bool {
			return !slices.Contains(include, name) && !slices.Contains(expand, name)
		})
	}
	return members
}

// object is shape for one object.
func (c *call) object(status int, object any) (answer, error) {
	shaped, err := c.shape([]any{object})
	if err != nil {
		return answer{}, err
	}
	return data(status, shaped[0])
}

func membersOf(object any) (map[string]any, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	members := map[string]any{}
	err = json.Unmarshal(text, &members)
	return members, err
}

// expand is the object for an id, or the objects for a list of ids. What names
// no object stays as it is.
func (c *call) expand(value any) any {
	switch v := value.(type) {
	case string:
		if object := c.account.Object(v); object != nil {
			return object
		}
	case []any:
		objects := make([]any, len(v))
		for i, x := range v {
			objects[i] = c.expand(x)
		}
		return objects
	}
	return value
}

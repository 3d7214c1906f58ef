package mail

import "fulcrum/shared/boot"

// FromEnv makes a Sender from MAIL_FROM, without which nothing is sent, and
// MAIL_CONFIGURATION_SET, the one by which bounces are told; both may be unset.
func FromEnv(env *boot.Env) *Sender {
	return New(env.AWS("SESV2", boot.Working), env.Optional("MAIL_FROM"), env.Optional("MAIL_CONFIGURATION_SET"))
}

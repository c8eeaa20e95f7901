"""One side's word on an agreement, to the decider of its kind."""

from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.replenishment import cpfr, crp
from gateway.model.joint import AgreementAct

JOINT = "joint"


def needs(act: AgreementAct, context: Context) -> Needs:
    """Return the records of the plan or agreement that is acted on."""
    return cpfr.act_needs(act, context) if act.kind == JOINT else crp.act_needs(act, context)


def decide(act: AgreementAct, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault, OurFault crp.*, cpfr.*."""
    return cpfr.decide_act(act, context, snapshot) if act.kind == JOINT else crp.decide_act(act, context, snapshot)
